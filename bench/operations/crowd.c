// SPDX-License-Identifier: GPL-2.0
/* Many connections at a time, and what each of them takes of the kernel's memory. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ops.h"

/* Makes room for so many descriptors, so that the table itself does not count. */
void room_for(int descriptors)
{
	struct rlimit limit = { descriptors + 64, descriptors + 64 };

	if (setrlimit(RLIMIT_NOFILE, &limit) ||
	    dup2(STDIN_FILENO, descriptors + 63) < 0 || close(descriptors + 63))
		die("setrlimit");
}

/* What so many files and their dentries take: a pidfd is nothing else. */
void read_files(struct memory *memory, int count)
{
	int *fds = calloc(count, sizeof(*fds));
	struct memory before;

	memory_read(&before);
	for (int i = 0; i < count; i++) {
		fds[i] = syscall(SYS_pidfd_open, getpid(), 0);
		if (fds[i] < 0)
			die("pidfd_open");
	}
	memory_read(memory);
	memory_subtract(memory, &before);
	for (int i = 0; i < count; i++)
		close(fds[i]);
	free(fds);
}

static int *connect_all(struct run *run)
{
	int count = run->workload->count, *fds = calloc(2 * count, sizeof(*fds));

	for (int i = 0; i < count; i++) {
		fds[2 * i] = connect_to(run->stack);
		fds[2 * i + 1] = accept_from(run->listener);
	}
	return fds;
}

/* Both ends of a connection; their files and dentries, like any other's, do not count. */
void idle_connections(struct run *run)
{
	int count = run->workload->count;
	struct memory files, before, memory;

	room_for(2 * count);
	run->listener = new_listener(run, DEEP_BACKLOG);
	read_files(&files, 2 * count);
	memory_read(&before);
	connect_all(run);
	memory_read(&memory);
	memory_subtract(&memory, &before);
	memory_subtract(&memory, &files);
	memory_take(run, &memory);
}

/* The clients have closed first; that is all that is left of the connections. */
void time_waits(struct run *run)
{
	int *fds, count = run->workload->count;
	struct memory before, memory;

	room_for(2 * count);
	run->listener = new_listener(run, DEEP_BACKLOG);
	memory_read(&before);
	fds = connect_all(run);
	for (int i = 0; i < 2 * count; i++)
		if (close(fds[i]))
			die("close");
	memory_read(&memory);
	memory_subtract(&memory, &before);
	memory_take(run, &memory);
}

/* --- epoll ----------------------------------------------------------------- */

static int watch, *crowd;

/* One byte comes by one of many connections. */
static void event(struct run *run)
{
	struct epoll_event event;
	static int turn;

	/* Not in the order in which they were made. */
	turn = (turn + 7919) % run->workload->count;
	if (send(crowd[2 * turn], buffer, 1, 0) != 1)
		die("send");
	if (epoll_wait(watch, &event, 1, 1000) != 1 || event.data.fd != crowd[2 * turn + 1])
		die("epoll_wait");
	if (recv(event.data.fd, buffer, BUFFER, 0) != 1)
		die("recv");
}

void epoll_crowd(struct run *run)
{
	room_for(2 * run->workload->count);
	run->listener = new_listener(run, DEEP_BACKLOG);
	watch = epoll_create1(EPOLL_CLOEXEC);
	crowd = connect_all(run);
	for (int i = 0; i < run->workload->count; i++) {
		int fd = crowd[2 * i + 1];
		struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

		if (epoll_ctl(watch, EPOLL_CTL_ADD, fd, &event))
			die("epoll_ctl");
	}
	count_rounds(run, event, 1);
}
