// SPDX-License-Identifier: GPL-2.0
/*
 * Makes sockets as its arguments say, one after the other, and tells whose they are:
 * selftests/tcpxize.py runs it under tcpxize.
 *
 *	4 6 4tcp 6tcp udp unix mptcp own	a socket; see kinds[]
 *	raw					one by no C library, as a program in Go
 *	call socketcall				one by the 32-bit system calls
 *	fork thread				what follows is of a child, of a thread
 *	net user files=N			from now on in a network namespace of its own,
 *						user nobody, with N file descriptors at most
 *	flags					SOCK_CLOEXEC and SOCK_NONBLOCK from now on
 *	alarm=N					N sockets while signals come; what of them failed
 *	rebind=N				N times the port of a socket that has just been
 *						closed; what of them failed
 *	views					what the last one says of itself
 *	owner					the user that it is of
 *	here					whether it is of this namespace
 *	wait					for a line on stdin
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../uapi/tcpx.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE	71
#endif

static const struct kind {
	const char *name;
	int domain, type, protocol;
} kinds[] = {
	{ "4", AF_INET, SOCK_STREAM, 0 },
	{ "6", AF_INET6, SOCK_STREAM, 0 },
	{ "4tcp", AF_INET, SOCK_STREAM, IPPROTO_TCP },
	{ "6tcp", AF_INET6, SOCK_STREAM, IPPROTO_TCP },
	{ "udp", AF_INET, SOCK_DGRAM, 0 },
	{ "unix", AF_UNIX, SOCK_STREAM, 0 },
	{ "mptcp", AF_INET, SOCK_STREAM, 262 },
	{ "own", AF_INET, SOCK_STREAM, IPPROTO_TCPX },
};

static int flags, last = -1;

/* "tcpx", with what its segments carry and its congestion control, or "other" */
static void whose(const char *word, int fd)
{
	int wire, err = errno;
	socklen_t len = sizeof(wire);
	char cc[16] = "";

	last = fd;
	if (fd < 0) {
		printf("%s=%s\n", word, strerrorname_np(err));
	} else if (getsockopt(fd, SOL_TCPX, TCPX_WIRE_PROTOCOL, &wire, &len)) {
		printf("%s=other\n", word);
	} else {
		len = sizeof(cc);
		getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, cc, &len);
		printf("%s=tcpx/%d/%s\n", word, wire, cc);
	}
}

/* The 32-bit calls, which a 64-bit program has as well: pointers must fit */
static int compat(const char *word)
{
#ifdef __x86_64__
	static unsigned int args[3] = { AF_INET, SOCK_STREAM, 0 };
	long ret, b = args[0], c = args[1];

	if (!strcmp(word, "socketcall")) {
		b = 1;
		c = (long)args;
		ret = 102;
	} else {
		ret = 359;
	}
	asm volatile("int $0x80" : "+a"(ret) : "b"(b), "c"(c), "d"(0) :
		     "memory", "r8", "r9", "r10", "r11");
	if ((int)ret >= 0)
		return ret;
	errno = -(int)ret;
#else
	(void)word;
	errno = ENOSYS;
#endif
	return -1;
}

static int option(int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	getsockopt(last, SOL_SOCKET, name, &value, &len);
	return value;
}

static void views(void)
{
	printf("views=%d/%d/%d %d%d\n", option(SO_DOMAIN), option(SO_TYPE), option(SO_PROTOCOL),
	       !!(fcntl(last, F_GETFD) & FD_CLOEXEC), !!(fcntl(last, F_GETFL) & O_NONBLOCK));
}

static unsigned long long cookie(int fd)
{
	unsigned long long value = 0;
	socklen_t len = sizeof(value);

	getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &value, &len);
	return value;
}

static void owner(void)
{
	struct stat st;

	printf("owner=%d\n", fstat(last, &st) ? -1 : (int)st.st_uid);
}

static void nothing(int sig)
{
	(void)sig;
}

static void alarmed(int times)
{
	struct sigaction sa = { .sa_handler = nothing, .sa_flags = SA_RESTART };
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } };
	int failed = 0, fd;

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	while (times--) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (fd < 0)
			failed++;
		close(fd);
	}
	memset(&often, 0, sizeof(often));
	setitimer(ITIMER_REAL, &often, NULL);
	printf("failed=%d\n", failed);
}

static void rebind(int times)
{
	struct sockaddr_in addr;
	socklen_t len = sizeof(addr);
	int failed = 0, first, next;

	while (times--) {
		next = socket(AF_INET, SOCK_STREAM, 0);
		first = socket(AF_INET, SOCK_STREAM, 0);
		addr = (struct sockaddr_in){ .sin_family = AF_INET };
		bind(first, (struct sockaddr *)&addr, len);
		getsockname(first, (struct sockaddr *)&addr, &len);
		close(first);
		if (bind(next, (struct sockaddr *)&addr, len))
			failed++;
		close(next);
	}
	printf("failed=%d\n", failed);
}

static void *tell(void *words);

static void limit_files(int n)
{
	struct rlimit limit = { n, n };

	setrlimit(RLIMIT_NOFILE, &limit);
}

static void make(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(word, kinds[i].name)) {
			whose(word, socket(kinds[i].domain, kinds[i].type | flags,
					   kinds[i].protocol));
			return;
		}
	}
	printf("%s=?\n", word);
}

/* Whether the rest is somebody else's */
static int delegate(char **words)
{
	pthread_t thread;

	if (!strcmp(*words, "fork")) {
		fflush(stdout);
		if (fork())
			wait(NULL);
		else
			tell(words + 1);
		return 1;
	}
	if (!strcmp(*words, "thread")) {
		pthread_create(&thread, NULL, tell, words + 1);
		pthread_join(thread, NULL);
		return 1;
	}
	return 0;
}

static void *tell(void *words)
{
	char **at, c;

	for (at = words; *at; at++) {
		if (delegate(at))
			break;
		if (!strcmp(*at, "raw"))
			whose(*at, syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
		else if (!strcmp(*at, "call") || !strcmp(*at, "socketcall"))
			whose(*at, compat(*at));
		else if (!strcmp(*at, "net"))
			printf("net=%d\n", unshare(CLONE_NEWNET));
		else if (!strcmp(*at, "user"))
			printf("user=%d\n", setresgid(65534, 65534, 65534) |
			       setresuid(65534, 65534, 65534));
		else if (!strncmp(*at, "files=", 6))
			limit_files(atoi(*at + 6));
		else if (!strcmp(*at, "flags"))
			flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
		else if (!strncmp(*at, "alarm=", 6))
			alarmed(atoi(*at + 6));
		else if (!strncmp(*at, "rebind=", 7))
			rebind(atoi(*at + 7));
		else if (!strcmp(*at, "views"))
			views();
		else if (!strcmp(*at, "owner"))
			owner();
		else if (!strcmp(*at, "here"))
			printf("here=%d\n", cookie(last) == cookie(socket(AF_INET, SOCK_DGRAM, 0)));
		else if (!strcmp(*at, "wait"))
			(void)!read(0, &c, 1);
		else
			make(*at);
		fflush(stdout);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	(void)argc;
	tell(argv + 1);
	return 0;
}
