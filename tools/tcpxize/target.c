// SPDX-License-Identifier: GPL-2.0
/* What the supervisor does in a program's place: in its network namespace, as its user. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tcpxize.h"

/* From /proc/PID/status */
struct ids {
	int tgid;
	unsigned int fsuid, fsgid;
};

static bool ids_of(int pid, struct ids *ids)
{
	char path[64], line[256];
	int found = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (found < 3 && fgets(line, sizeof(line), file))
		found += sscanf(line, "Tgid: %d", &ids->tgid) == 1 ||
			 sscanf(line, "Uid: %*u %*u %*u %u", &ids->fsuid) == 1 ||
			 sscanf(line, "Gid: %*u %*u %*u %u", &ids->fsgid) == 1;
	fclose(file);
	return found == 3;
}

static bool same(int a, int b)
{
	struct stat one, two;

	return !fstat(a, &one) && !fstat(b, &two) && one.st_dev == two.st_dev &&
	       one.st_ino == two.st_ino;
}

/* As its user, so that the socket is that user's to routing rules and filters */
static int socket_as(const struct ids *ids, const struct turn *turn, int domain, int type)
{
	int fd, err;

	setfsgid(ids->fsgid);
	setfsuid(ids->fsuid);
	fd = turn_socket(turn, domain, type);
	err = errno;
	setfsuid(geteuid());
	setfsgid(getegid());
	errno = err;
	return fd;
}

/*
 * A socket of tcpx as process @pid would have made it; or -1 and errno. ESRCH: what it
 * is, and in which network namespace, can't be seen; EPERM may be that it can't be entered.
 */
int target_socket(const struct turn *turn, int pid, int domain, int type)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there, fd = -1, err;
	char path[64];
	struct ids ids;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	there = open(path, O_RDONLY | O_CLOEXEC);
	errno = ESRCH;
	if (home >= 0 && there >= 0 && ids_of(pid, &ids)) {
		if (same(home, there)) {
			fd = socket_as(&ids, turn, domain, type);
		} else if (!setns(there, CLONE_NEWNET)) {
			fd = socket_as(&ids, turn, domain, type);
			err = errno;
			setns(home, CLONE_NEWNET);
			errno = err;
		}
	}
	err = errno;
	close(home);
	close(there);
	errno = err;
	return fd;
}

/* A copy of a file descriptor of its; or -1 */
int target_fd(int pid, int fd)
{
	struct ids ids;
	int pidfd, copy;

	if (!ids_of(pid, &ids))
		return -1;
	pidfd = syscall(SYS_pidfd_open, ids.tgid, 0);
	if (pidfd < 0)
		return -1;
	copy = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	close(pidfd);
	return copy;
}

static int open_memory(int pid, int how)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	return open(path, how | O_CLOEXEC);
}

bool target_read(int pid, __u64 from, void *to, size_t len)
{
	int fd = open_memory(pid, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : pread64(fd, to, len, from);

	close(fd);
	return n == (ssize_t)len;
}

bool target_write(int pid, __u64 to, const void *from, size_t len)
{
	int fd = open_memory(pid, O_WRONLY);
	ssize_t n = fd < 0 ? -1 : pwrite64(fd, from, len, to);

	close(fd);
	return n == (ssize_t)len;
}
