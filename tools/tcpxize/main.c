// SPDX-License-Identifier: GPL-2.0
/* tcpxize: runs a command whose TCP sockets are tcpx's. See docs/man/tcpxize.1. */

#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../uapi/tcpx.h"
#include "tcpxize.h"

static const char help[] =
"Usage: tcpxize [OPTION]... [--] COMMAND [ARGUMENT]...\n"
"       tcpxize enable [OPTION]... UNIT\n"
"       tcpxize disable [--root DIR] UNIT\n"
"\n"
"Runs COMMAND so that its TCP sockets, and those of its children, are sockets of\n"
"tcpx; where that can't be, they are TCP's as ever. The second form makes a\n"
"systemd service run like that, by a drop-in; the third one takes it back.\n"
"\n"
"  --wire N     IP protocol number of the segments: 6 is real TCP and takes\n"
"               CAP_NET_ADMIN; default: what sysctl net.tcpx.wire_protocol says\n"
"  --cc NAME    congestion control, such as bbr\n"
"  --way WAY    bpf: static programs and Go's as well; takes root and Linux 6.6, and\n"
"                 has no --wire and no --cc\n"
"               seccomp: static programs and Go's as well; without CAP_SYS_ADMIN,\n"
"                 setuid programs run without their rights\n"
"               preload: what is linked with a C library at run time\n"
"               default: the first of them that can be had and takes nothing away\n"
"  --argv0 NAME what COMMAND is told that its own name is\n"
"  --verbose    a line on stderr for each socket\n"
"  --root DIR   where the units are; default: /\n"
"  --help\n"
"\n"
"The exit status is COMMAND's; 125 if tcpxize fails, 126 if COMMAND can't be run,\n"
"127 if there is none.\n";

struct way {
	const char *name;
	const char *(*prepare)(const struct turn *turn, bool demanded);
	bool furnishes;		/* its sockets can have --wire and --cc */
};

/* The best one first */
static const struct way ways[] = {
	{ "bpf", bpf_prepare, false },
	{ "seccomp", seccomp_prepare, true },
	{ "preload", preload_prepare, true },
	{ 0 }
};

struct settings {
	struct turn turn;
	const struct way *way;	/* NULL: the best one */
	const char *argv0;	/* NULL: COMMAND */
	const char *root;
};

static _Noreturn void more(void)
{
	fprintf(stderr, "tcpxize --help tells more\n");
	exit(STATUS_FAILED);
}

static _Noreturn void usage(const char *fmt, const char *word)
{
	fprintf(stderr, "tcpxize: ");
	fprintf(stderr, fmt, word);
	fprintf(stderr, "\n");
	more();
}

/* The module's parameter */
static int tcpx_protocol(void)
{
	FILE *file = fopen("/sys/module/tcpx/parameters/ipproto", "re");
	int protocol;

	if (!file)
		return IPPROTO_TCPX;
	if (fscanf(file, "%d", &protocol) != 1)
		protocol = IPPROTO_TCPX;
	fclose(file);
	return protocol;
}

/*
 * Makes a socket, which also has the kernel load the module. Returns false if COMMAND is
 * to have TCP; what is wrong with the options themselves ends this program.
 */
static bool tcpx_works(struct turn *turn)
{
	struct turn plain = { .protocol = turn->protocol };
	int domain = AF_INET, fd = turn_socket(&plain, domain, SOCK_STREAM);

	if (fd < 0) {
		domain = AF_INET6;
		fd = turn_socket(&plain, domain, SOCK_STREAM);
	}
	if (fd < 0) {
		fprintf(stderr, "tcpxize: TCP is used, since tcpx is not loaded (%s)\n",
			strerror(errno));
		return false;
	}
	close(fd);
	fd = turn_socket(turn, domain, SOCK_STREAM);
	if (fd >= 0) {
		close(fd);
		return true;
	}
	if (turn->cc[0] && errno == ENOENT)
		usage("there is no congestion control %s: see sysctl "
		      "net.tcpx.available_congestion_control", turn->cc);
	fprintf(stderr, "tcpxize: TCP is used, since tcpx can't have that%s: %s\n",
		turn->wire == IPPROTO_TCP ? " (real TCP takes CAP_NET_ADMIN)" : "",
		strerror(errno));
	return false;
}

static const struct way *find_way(const char *name)
{
	const struct way *way = ways;

	while (way->name && strcmp(way->name, name))
		way++;
	if (!way->name)
		usage("there is no way %s", name);
	return way;
}

static bool suits(const struct way *way, const struct turn *turn)
{
	return way->furnishes || (!turn->wire && !turn->cc[0]);
}

static void prepare_demanded(const struct turn *turn, const struct way *way)
{
	const char *why = "it has no --wire and no --cc";

	if (suits(way, turn))
		why = way->prepare(turn, true);
	if (!why)
		return;
	fprintf(stderr, "tcpxize: %s: %s\n", way->name, why);
	exit(STATUS_FAILED);
}

static void prepare_best(const struct turn *turn)
{
	const struct way *way;
	const char *why;

	for (way = ways; way->name; way++) {
		if (!suits(way, turn))
			continue;
		why = way->prepare(turn, false);
		if (!why)
			return;
		if (turn->verbose)
			fprintf(stderr, "tcpxize: not by %s: %s\n", way->name, why);
	}
	fprintf(stderr, "tcpxize: TCP is used, since there is no way to turn sockets here\n");
}

/* What this process, which is to be the command, needs for it */
static void prepare(const struct turn *turn, const struct way *demanded)
{
	if (demanded)
		prepare_demanded(turn, demanded);
	else
		prepare_best(turn);
}

static int wire_number(const char *text, int tcpx)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (!*text || *end || (n != IPPROTO_TCP && n != tcpx))
		usage("--wire takes 6 or tcpx's own number, not %s", text);
	return n;
}

static void be_verbose(struct turn *turn)
{
	struct stat st;

	if (fstat(STDERR_FILENO, &st))
		return;
	turn->verbose = true;
	turn->dev = st.st_dev;
	turn->ino = st.st_ino;
}

/* Reads the options; what follows them is at optind. */
static void read_options(int argc, char **argv, struct settings *set)
{
	enum { WIRE = 1, CC, WAY, ARGV0, VERBOSE, ROOT, HELP };
	static const struct option options[] = {
		{ "wire", required_argument, NULL, WIRE },
		{ "cc", required_argument, NULL, CC },
		{ "way", required_argument, NULL, WAY },
		{ "argv0", required_argument, NULL, ARGV0 },
		{ "verbose", no_argument, NULL, VERBOSE },
		{ "root", required_argument, NULL, ROOT },
		{ "help", no_argument, NULL, HELP },
		{ 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "+", options, NULL)) > 0) {
		switch (c) {
		case WIRE:
			set->turn.wire = wire_number(optarg, set->turn.protocol);
			break;
		case CC:
			if (strlen(optarg) >= sizeof(set->turn.cc))
				usage("%s is too long for a congestion control's name", optarg);
			strcpy(set->turn.cc, optarg);
			break;
		case WAY:
			set->way = find_way(optarg);
			break;
		case ARGV0:
			set->argv0 = optarg;
			break;
		case VERBOSE:
			be_verbose(&set->turn);
			break;
		case ROOT:
			set->root = optarg;
			break;
		case HELP:
			fputs(help, stdout);
			exit(0);
		default:
			more();
		}
	}
}

static int for_unit(const struct settings *set, bool enable, char **words)
{
	const struct turn *turn = &set->turn;
	char options[128] = "";
	int n = 0;

	if (!words[0] || words[1])
		usage("%s takes one UNIT", enable ? "enable" : "disable");
	if (set->argv0)
		usage("--argv0 is for %s", "COMMAND");
	if (!enable)
		return unit_disable(set->root, words[0]);
	/* Their lengths have been checked */
	if (turn->wire)
		n += sprintf(options + n, "--wire %d ", turn->wire);
	if (turn->cc[0])
		n += sprintf(options + n, "--cc %s ", turn->cc);
	if (set->way)
		n += sprintf(options + n, "--way %s ", set->way->name);
	if (turn->verbose)
		n += sprintf(options + n, "--verbose ");
	return unit_enable(set->root, words[0], options);
}

static int run(const struct settings *set, char **command)
{
	struct turn turn = set->turn;
	const char *file = command[0];
	int err;

	if (!file)
		usage("no %s", "COMMAND");
	if (set->root[1])
		usage("--root is for %s", "units");
	preload_forget();
	if (tcpx_works(&turn))
		prepare(&turn, set->way);
	if (set->argv0)
		command[0] = (char *)set->argv0;
	execvp(file, command);
	err = errno;
	fprintf(stderr, "tcpxize: %s: %s\n", file, strerror(err));
	return err == ENOENT ? STATUS_NOT_FOUND : STATUS_NO_EXEC;
}

int main(int argc, char **argv)
{
	struct settings set = { .turn.protocol = tcpx_protocol(), .root = "/" };
	bool enable = argc > 1 && !strcmp(argv[1], "enable");
	bool unit = enable || (argc > 1 && !strcmp(argv[1], "disable"));

	argv[unit] = argv[0];
	argv += unit;
	read_options(argc - unit, argv, &set);
	argv += optind;
	return unit ? for_unit(&set, enable, argv) : run(&set, argv);
}
