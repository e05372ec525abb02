// SPDX-License-Identifier: GPL-2.0
/*
 * The way by BPF. Programs last as long as somebody has them open: that is the keeper, an
 * orphan (orphan.c) which waits until the command's control group is empty, and removes it.
 *
 * Nobody waits for the keeper. Should it be killed, there is a second one; without either,
 * new sockets are TCP's again.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../uapi/tcpx.h"
#include "tcpxize.h"

#define WHY_MAX	256

/**
 * struct reply - what the keeper says when it is ready
 * @why: what has failed; empty: nothing
 * @group: the folder of the control group that is to be the command's
 */
struct reply {
	char why[WHY_MAX];
	char group[PATH_MAX];
};

/*
 * Whether an outer tcpxize turns this process's sockets: then that one would decide what they
 * are turned into. The C library's socket() may be the outer one's shim, which does not count.
 */
static bool turned_already(void)
{
	int fd = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0), wire;
	socklen_t len = sizeof(wire);
	bool is = fd >= 0 && !getsockopt(fd, SOL_TCPX, TCPX_WIRE_PROTOCOL, &wire, &len);

	close(fd);
	return is;
}

/*
 * Families that tcpx has here, the same one twice if there is one. A program can't leave to TCP
 * what tcpx refuses: so these sockets stay open, lest the module be unloaded.
 */
static bool find_domains(const struct turn *turn, int domains[2])
{
	bool has4 = turn_socket(turn, AF_INET, SOCK_STREAM) >= 0;
	bool has6 = turn_socket(turn, AF_INET6, SOCK_STREAM) >= 0;

	domains[0] = has4 ? AF_INET : AF_INET6;
	domains[1] = has6 ? AF_INET6 : AF_INET;
	return has4 || has6;
}

/* Makes all that is needed. Returns what failed, with errno; or NULL. */
static const char *set_up(const struct turn *turn, struct bpf_turn *bpf, char *group, size_t room)
{
	bpf->protocol = turn->protocol;
	bpf->ring = -1;
	bpf->map = bpf_group_map();
	if (bpf->map < 0)
		return "bpf()";
	bpf->function = btf_function(BPF_HOOK);
	if (bpf->function < 0)
		return "the kernel's " BPF_HOOK "()";
	if (!find_domains(turn, bpf->domains))
		return "tcpx";
	if (turn->verbose) {
		bpf->ring = bpf_ring();
		if (bpf->ring < 0)
			return "the programs' ring";
	}
	if (group_make(group, room))
		return "a control group";
	bpf->group = open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return bpf->group < 0 ? "the control group" : bpf_start(bpf);
}

static void tell_all(const struct turn *turn, struct bpf_ring *ring)
{
	struct bpf_note note;

	while (bpf_ring_read(ring, &note))
		turn_tell(turn, STDERR_FILENO, note.pid, note.domain, "turned");
}

/* Until nobody is left in the group */
static void wait_for_all(const struct turn *turn, const struct bpf_turn *bpf, const char *group)
{
	struct bpf_ring ring;
	bool tells = bpf->ring >= 0 && bpf_ring_open(&ring, bpf->ring);
	struct pollfd pfds[] = {
		{ .fd = group_watch(group), .events = POLLPRI },
		{ .fd = bpf->ring, .events = POLLIN },
	};
	bool any;

	do {
		any = group_has_any(pfds[0].fd);
		/* After that: what the last one did has been noted */
		if (tells)
			tell_all(turn, &ring);
	} while (any && (poll(pfds, tells ? 2 : 1, -1) >= 0 || errno == EINTR));
}

/* In the process that becomes the keeper */
static void keep(int to, const struct turn *turn)
{
	struct bpf_turn bpf;
	struct reply reply = { 0 };
	const char *what;
	pid_t pid;
	char c;

	orphan_settle();
	to = orphan_keep_only(to, turn->verbose);
	what = set_up(turn, &bpf, reply.group, sizeof(reply.group));
	if (what)
		snprintf(reply.why, sizeof(reply.why), "%s: %s", what, strerror(errno));
	if (send(to, &reply, sizeof(reply), MSG_NOSIGNAL) == sizeof(reply) && !what) {
		/* Until the command is in the group, or can't be */
		(void)!read(to, &c, 1);
		close(to);
		pid = fork();
		if (pid > 0)
			waitpid(pid, NULL, 0);
		wait_for_all(turn, &bpf, reply.group);
	}
	group_remove(reply.group);
}

/* Puts this process, soon the command, into a control group that has the programs. */
const char *bpf_prepare(const struct turn *turn, bool demanded)
{
	static struct reply reply;
	int to;

	(void)demanded;
	if (turned_already())
		return "an outer tcpxize turns these sockets";
	to = orphan_start(keep, turn);
	if (to < 0)
		return strerror(errno);
	if (recv(to, &reply, sizeof(reply), MSG_WAITALL) != sizeof(reply))
		strcpy(reply.why, "its keeper has ended");
	else if (!reply.why[0] && group_enter(reply.group))
		snprintf(reply.why, sizeof(reply.why), "the control group: %s", strerror(errno));
	close(to);
	return reply.why[0] ? reply.why : NULL;
}
