// SPDX-License-Identifier: GPL-2.0
/*
 * What the filter asks, answered one by one. A socket is made here and put into the
 * program; whatever does not succeed goes on as the system call that it was, so that the
 * program has TCP, or its error.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tcpxize.h"

#define MAX_ARGS	5

struct question {
	int listener;
	const struct turn *turn;
	const struct seccomp_notif *notif;
	__u64 args[MAX_ARGS];
};

static int respond(int listener, __u64 id, __s64 value, __u32 flags)
{
	struct seccomp_notif_resp resp = { .id = id, .val = value, .flags = flags };

	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

int answer_go_on(int listener, __u64 id)
{
	return respond(listener, id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

/* Whether it still waits: only then was what /proc says said of it */
static bool waits(const struct question *q)
{
	return !ioctl(q->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &q->notif->id);
}

/* On the program's own stderr: this process keeps none, see keep_only() */
static void tell(const struct question *q, int there, int err)
{
	int to = target_fd(q->notif->pid, STDERR_FILENO);
	char what[80];

	if (to < 0)
		return;
	if (there >= 0)
		snprintf(what, sizeof(what), "%d turned", there);
	else
		snprintf(what, sizeof(what), "left to TCP: %s", strerror(err));
	turn_tell(q->turn, to, q->notif->pid, q->args[0], what);
	close(to);
}

/* Puts a socket into the program, which still waits. Returns its number there, or -1. */
static int hand_over(const struct question *q, int fd, bool cloexec)
{
	struct seccomp_notif_addfd add = {
		.id = q->notif->id,
		.srcfd = fd,
		.newfd_flags = cloexec ? O_CLOEXEC : 0,
	};

	return fd >= 0 && waits(q) ? ioctl(q->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) : -1;
}

/*
 * SECCOMP_ADDFD_FLAG_SEND would let the program go on while this process still has the
 * socket: what it closes then would not be closed. The filter is one that lets no signal
 * come between the two steps.
 */
static bool answer_socket(const struct question *q)
{
	int type = q->args[1];
	int fd = target_socket(q->turn, q->notif->pid, q->args[0], type);
	int there = hand_over(q, fd, type & SOCK_CLOEXEC);

	if (q->turn->verbose)
		tell(q, there, errno);
	close(fd);
	return there >= 0 && !respond(q->listener, q->notif->id, there, 0);
}

/* Of a socket of tcpx SO_PROTOCOL says TCP, which is what the program asked for */
static bool answer_getsockopt(const struct question *q)
{
	const int tcp = IPPROTO_TCP;
	int pid = q->notif->pid, fd = target_fd(pid, q->args[0]), protocol = 0, len;
	socklen_t room = sizeof(protocol);

	if (fd < 0)
		return false;
	if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &room))
		protocol = 0;
	close(fd);
	if (protocol != q->turn->protocol || !target_read(pid, q->args[4], &len, sizeof(len)) ||
	    len < 0 || !waits(q))
		return false;
	if (len > (int)sizeof(tcp))
		len = sizeof(tcp);
	return target_write(pid, q->args[3], &tcp, len) &&
	       target_write(pid, q->args[4], &len, sizeof(len)) &&
	       !respond(q->listener, q->notif->id, 0, 0);
}

/* The 32-bit call that has the others' arguments in memory */
static bool answer_socketcall(struct question *q)
{
	int which = q->args[0], i;
	__u32 words[MAX_ARGS] = { 0 };
	size_t n = which == SYS_SOCKET ? 3 : 5;

	if (!target_read(q->notif->pid, q->args[1], words, n * sizeof(words[0])))
		return false;
	for (i = 0; i < MAX_ARGS; i++)
		q->args[i] = words[i];
	if (which == SYS_SOCKET)
		return turn_wanted(words[0], words[1], words[2]) && answer_socket(q);
	return words[1] == SOL_SOCKET && words[2] == SO_PROTOCOL && answer_getsockopt(q);
}

static bool answer(struct question *q)
{
	const struct call *call = call_find(q->notif->data.arch, q->notif->data.nr);

	if (!call)
		return false;
	switch (call->kind) {
	case CALL_SOCKET:
		return answer_socket(q);
	case CALL_GETSOCKOPT:
		return answer_getsockopt(q);
	case CALL_SOCKETCALL:
		return answer_socketcall(q);
	}
	return false;
}

/* Whether there is a question, once there is one or nobody left to ask */
static bool somebody_asks(int listener)
{
	struct pollfd pfd = { .fd = listener, .events = POLLIN };

	while (poll(&pfd, 1, -1) < 0 && errno == EINTR)
		;
	return pfd.revents & POLLIN;
}

/*
 * Answers until nobody is left who could ask; then returns 0. @notif, of NOTIF_ROOM bytes,
 * has an id while a question is being answered.
 */
int answer_all(int listener, const struct turn *turn, struct seccomp_notif *notif)
{
	struct question q = { .listener = listener, .turn = turn, .notif = notif };

	while (somebody_asks(listener)) {
		memset(notif, 0, NOTIF_ROOM);
		/* It may have been killed meanwhile */
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, notif))
			continue;
		memcpy(q.args, notif->data.args, sizeof(q.args));
		if (!answer(&q))
			answer_go_on(listener, notif->id);
	}
	return 0;
}
