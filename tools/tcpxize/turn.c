// SPDX-License-Identifier: GPL-2.0
/* Which sockets are turned, and what one is turned into. The shim has this file, too. */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../uapi/tcpx.h"
#include "tcpxize.h"

#define TYPE_MASK	0xf	/* the kernel's SOCK_TYPE_MASK: the rest are flags */

bool turn_wanted(int domain, int type, int protocol)
{
	return (domain == AF_INET || domain == AF_INET6) && (type & TYPE_MASK) == SOCK_STREAM &&
	       (protocol == 0 || protocol == IPPROTO_TCP);
}

static int furnish(const struct turn *turn, int fd)
{
	if (turn->wire &&
	    setsockopt(fd, SOL_TCPX, TCPX_WIRE_PROTOCOL, &turn->wire, sizeof(turn->wire)))
		return -1;
	if (turn->cc[0] &&
	    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, turn->cc, strlen(turn->cc)))
		return -1;
	return 0;
}

/* A socket of tcpx; or -1 and errno */
int turn_socket(const struct turn *turn, int domain, int type)
{
	int fd = socket(domain, type, turn->protocol), err;

	if (fd >= 0 && furnish(turn, fd)) {
		err = errno;
		close(fd);
		errno = err;
		return -1;
	}
	return fd;
}

/* A line on @to, if that is still the stderr that the command was given */
void turn_tell(const struct turn *turn, int to, int pid, int domain, const char *what)
{
	struct stat st;

	if (!fstat(to, &st) && st.st_dev == turn->dev && st.st_ino == turn->ino)
		dprintf(to, "tcpxize: process %d: %s socket %s\n", pid,
			domain == AF_INET ? "AF_INET" : "AF_INET6", what);
}
