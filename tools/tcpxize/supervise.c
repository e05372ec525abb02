// SPDX-License-Identifier: GPL-2.0
/*
 * The processes beside the command that answer its calls.
 *
 * The supervisor is an orphan in a session of its own (orphan.c); it ends when the last process
 * under the filter does.
 *
 * Were nobody there to answer, socket() would fail with ENOSYS. So there are two: one
 * answers, the other one waits for its end, lets the call go on that it was killed at,
 * and replaces it.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tcpxize.h"

union rights {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(int))];
};

static int send_fd(int to, int fd)
{
	struct iovec byte = { .iov_base = "", .iov_len = 1 };
	union rights rights = { 0 };
	struct msghdr msg = {
		.msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = &rights, .msg_controllen = sizeof(rights),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	return sendmsg(to, &msg, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

static int receive_fd(int from)
{
	char c;
	struct iovec byte = { .iov_base = &c, .iov_len = 1 };
	union rights rights = { 0 };
	struct msghdr msg = {
		.msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = &rights, .msg_controllen = sizeof(rights),
	};
	int fd;

	if (recvmsg(from, &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static void guard(int listener, const struct turn *turn)
{
	/* Shared: the question that the other one was at can be read when it is dead */
	struct seccomp_notif *notif = mmap(NULL, NOTIF_ROOM, PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = -1;
	pid_t pid;

	if (notif == MAP_FAILED)
		return;
	while (status) {
		pid = fork();
		/* Where there can't be two, this one answers */
		if (pid <= 0)
			_exit(answer_all(listener, turn, notif));
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (notif->id)
			answer_go_on(listener, notif->id);
	}
}

/* In the process that becomes the supervisor */
static void supervise(int from, const struct turn *turn)
{
	int listener = receive_fd(from);

	if (listener < 0)
		return;
	orphan_settle();
	/* Tells that it has been taken */
	if (write(from, "", 1) != 1)
		return;
	guard(orphan_keep_only(listener, false), turn);
}

/*
 * Puts this process, soon the command, under a filter that a supervisor answers for. Without
 * one there would be nobody to answer, so that it is started first.
 */
const char *seccomp_prepare(const struct turn *turn, bool demanded)
{
	int to = orphan_start(supervise, turn), listener, err;
	char c;

	if (to < 0)
		return strerror(errno);
	listener = filter_install(demanded);
	err = listener < 0 ? errno : 0;
	if (!err && (send_fd(to, listener) || read(to, &c, 1) != 1)) {
		/* A filter is not taken off: without a supervisor no socket could be made */
		fprintf(stderr, "tcpxize: there is no supervisor\n");
		exit(STATUS_FAILED);
	}
	close(listener);
	close(to);
	return err ? strerror(err) : NULL;
}
