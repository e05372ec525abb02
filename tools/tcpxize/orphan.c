// SPDX-License-Identifier: GPL-2.0
/*
 * A process beside the command, for as long as a way needs one.
 *
 * The command keeps tcpxize's own process: its parent, its terminal, its exit status and
 * the signals sent to it are what they would be without. So the other one is an orphan in a
 * session of its own.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tcpxize.h"

/*
 * Keeps one file open, and perhaps stderr; returns its number from now on. Whoever waits for
 * the end of the command's pipes must not wait for the orphan: until Linux 6.11 a supervisor
 * ends only when the command has been waited for.
 */
int orphan_keep_only(int fd, bool with_stderr)
{
	int null = open("/dev/null", O_RDWR), i;

	/* It may be one of the three, where the command has been given none */
	fd = fcntl(fd, F_DUPFD, 4);
	for (i = 0; i < (with_stderr ? STDERR_FILENO : 3); i++)
		dup2(null, i);
	dup2(fd, 3);
	syscall(SYS_close_range, 4, ~0U, 0);
	return 3;
}

/* Signals to the command's group or control group are not for it */
void orphan_settle(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signal(SIGCHLD, SIG_DFL);
	if (chdir("/"))
		return;		/* it only keeps a file system busy */
}

/* Has an orphan run what it is to do. Returns a socket, to the one that it is given; or -1. */
int orphan_start(void (*run)(int to, const struct turn *turn), const struct turn *turn)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -1;
	pid = fork();
	if (!pid) {
		close(ends[0]);
		if (setsid() >= 0 && !fork())
			run(ends[1], turn);
		_exit(0);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -1;
	}
	/* ECHILD, where SIGCHLD is ignored, says as well that it has ended */
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return ends[0];
}
