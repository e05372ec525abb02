// SPDX-License-Identifier: GPL-2.0
/* Both ends of a connection, in one process. */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>

#include "ops.h"

/* A peer behind a tun device calls the near host. */
int new_listener(const struct run *run, int backlog)
{
	bool tun = run->workload->network && run->workload->network->kind == TUN;
	int host = tun ? NEAR : FAR;
	union address address;
	socklen_t length = stack_address(run->stack, &address, host, PORT);
	int fd;

	enter_host(host);
	fd = new_socket(run->stack);
	if (bind(fd, &address.any, length) || listen(fd, backlog))
		die("listen");
	enter_host(NEAR);
	return fd;
}

int connect_to(const struct stack *stack)
{
	union address address;
	socklen_t length = stack_address(stack, &address, FAR, PORT);
	int fd = new_socket(stack);

	if (connect(fd, &address.any, length))
		die("connect");
	return fd;
}

int accept_from(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		die("accept");
	return fd;
}

void establish(struct run *run)
{
	run->listener = new_listener(run, 8);
	run->client = connect_to(run->stack);
	run->server = accept_from(run->listener);
	if (run->workload->nodelay) {
		set_nodelay(run->stack, run->client);
		set_nodelay(run->stack, run->server);
	}
}

void move(int from, int to, int length)
{
	if (send(from, buffer, length, MSG_NOSIGNAL) != length)
		die("send");
	if (recv(to, buffer, length, MSG_WAITALL) != length)
		die("recv");
}

/* What a call has done, which may be nothing as yet. */
int some(const char *what, ssize_t done)
{
	if (!done || (done < 0 && errno != EAGAIN))
		die(what);
	return done < 0 ? 0 : done;
}
