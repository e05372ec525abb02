// SPDX-License-Identifier: GPL-2.0
/*
 * The shim: a program's socket() and getsockopt(), for LD_PRELOAD. It is linked with no
 * library, so that it fits whichever C library the program has.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tcpxize.h"

#define VISIBLE	__attribute__((visibility("default")))

static struct turn turn;		/* no protocol: nothing is turned */

static int number(const char *name)
{
	const char *text = getenv(name);

	return text ? atoi(text) : 0;
}

/* Before main(): programs that clear their environment do it later */
__attribute__((constructor)) static void configure(void)
{
	const char *cc = getenv(ENV_CC), *to = getenv(ENV_VERBOSE);
	char *end;

	if (cc)
		strncpy(turn.cc, cc, sizeof(turn.cc) - 1);
	if (to) {
		turn.dev = strtoull(to, &end, 10);
		turn.ino = *end == ':' ? strtoull(end + 1, NULL, 10) : 0;
		turn.verbose = true;
	}
	turn.wire = number(ENV_WIRE);
	turn.protocol = number(ENV_PROTOCOL);
}

static void tell(int domain, int fd, int err)
{
	char what[80];

	if (!turn.verbose)
		return;
	if (fd >= 0)
		snprintf(what, sizeof(what), "%d turned", fd);
	else
		snprintf(what, sizeof(what), "left to TCP: %s", strerror(err));
	turn_tell(&turn, STDERR_FILENO, getpid(), domain, what);
}

VISIBLE int socket(int domain, int type, int protocol)
{
	int before = errno, fd;

	if (turn.protocol && turn_wanted(domain, type, protocol)) {
		/* It calls this again, with another protocol */
		fd = turn_socket(&turn, domain, type);
		tell(domain, fd, errno);
		errno = before;
		if (fd >= 0)
			return fd;
	}
	return syscall(SYS_socket, domain, type, protocol);
}

/* Of a socket of tcpx SO_PROTOCOL says TCP, which is what the program asked for */
VISIBLE int getsockopt(int fd, int level, int name, void *restrict value,
		       socklen_t *restrict len)
{
	const int tcp = IPPROTO_TCP;
	int ret = syscall(SYS_getsockopt, fd, level, name, value, len);

	if (!ret && turn.protocol && level == SOL_SOCKET && name == SO_PROTOCOL &&
	    *len == sizeof(turn.protocol) && !memcmp(value, &turn.protocol, *len))
		memcpy(value, &tcp, *len);
	return ret;
}
