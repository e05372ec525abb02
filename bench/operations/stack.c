// SPDX-License-Identifier: GPL-2.0
/* Which stacks there are, and what differs between their sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "ops.h"
#include "../../uapi/tcpx.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif
#define SCTP_NODELAY	3

#define OVER_TCP(name, family, protocol, wire) \
	{ name, family, protocol, wire, HAS_IP | HAS_TCP, IPPROTO_TCP, TCP_NODELAY }

const struct stack stacks[] = {
	OVER_TCP("tcp", AF_INET, IPPROTO_TCP, IPPROTO_TCP),
	OVER_TCP("tcpx", AF_INET, IPPROTO_TCPX, IPPROTO_TCPX),
	OVER_TCP("tcpx-wire6", AF_INET, IPPROTO_TCPX, IPPROTO_TCP),
	OVER_TCP("tcp-ipv6", AF_INET6, IPPROTO_TCP, IPPROTO_TCP),
	OVER_TCP("tcpx-ipv6", AF_INET6, IPPROTO_TCPX, IPPROTO_TCPX),
	OVER_TCP("tcpx-wire6-ipv6", AF_INET6, IPPROTO_TCPX, IPPROTO_TCP),
	{ "mptcp", AF_INET, IPPROTO_MPTCP, IPPROTO_TCP, HAS_IP, IPPROTO_TCP, TCP_NODELAY },
	{ "sctp", AF_INET, IPPROTO_SCTP, IPPROTO_SCTP, HAS_IP, IPPROTO_SCTP, SCTP_NODELAY },
	{ "unix", AF_UNIX },
};
const int stack_count = ARRAY_SIZE(stacks);

const struct stack *find_stack(const char *name)
{
	for (int i = 0; i < stack_count; i++)
		if (!strcmp(stacks[i].name, name))
			return &stacks[i];
	return NULL;
}

/* The hosts of network.c; loopback has the addresses of both. */
socklen_t stack_address(const struct stack *stack, union address *address, int host, int port)
{
	struct sockaddr_un *path = (struct sockaddr_un *)address;

	memset(address, 0, sizeof(*address));
	address->any.sa_family = stack->family;
	switch (stack->family) {
	case AF_INET:
		address->ipv4.sin_port = htons(port);
		address->ipv4.sin_addr.s_addr = htonl(0x0a010001 + host);
		return sizeof(address->ipv4);
	case AF_INET6:
		address->ipv6.sin6_port = htons(port);
		address->ipv6.sin6_addr.s6_addr[0] = 0xfd;
		address->ipv6.sin6_addr.s6_addr[15] = 1 + host;
		return sizeof(address->ipv6);
	default:
		/* Without a name in the file system; the port ends it. */
		return offsetof(struct sockaddr_un, sun_path) + 1 +
			sprintf(path->sun_path + 1, "%d", port);
	}
}

int new_socket(const struct stack *stack)
{
	int fd = socket(stack->family, SOCK_STREAM | SOCK_CLOEXEC, stack->protocol);

	if (fd < 0 && (errno == EPROTONOSUPPORT || errno == EAFNOSUPPORT))
		cannot();
	if (fd < 0)
		die("socket");
	if (stack->protocol == IPPROTO_TCPX && stack->wire != IPPROTO_TCPX &&
	    setsockopt(fd, SOL_TCPX, TCPX_WIRE_PROTOCOL, &stack->wire, sizeof(stack->wire)))
		die("TCPX_WIRE_PROTOCOL");
	return fd;
}

void set_nodelay(const struct stack *stack, int fd)
{
	int one = 1;

	if (stack->nodelay_level &&
	    setsockopt(fd, stack->nodelay_level, stack->nodelay_option, &one, sizeof(one)))
		die("NODELAY");
}
