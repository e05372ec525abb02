// SPDX-License-Identifier: GPL-2.0
/* Groups: pointers and lengths that are wrong, on a connection that lives on. */
#include <limits.h>

#include "diff.h"

#define KERNEL_PTR	((void *)-4096L)

static void test_alive(struct ends *e, const char *name)
{
	char buf[64];
	long ret;

	send(e->fd, "alive", 5, NOW);
	await(e->peer, POLLIN);
	ret = recv(e->peer, buf, sizeof(buf), NOW);
	step_buf(nm("%s-alive", name), ret, buf);
	shut(e);
}

static void sending(void)
{
	struct ends e;

	pair(&e);
	step("send-fault", send(e.fd, bad, 10, NOW));
	step("send-straddle", send(e.fd, bad - 4, 10, NOW));
	step("send-null", send(e.fd, NULL, 10, NOW));
	step("send-kernel", send(e.fd, KERNEL_PTR, 10, NOW));
	step("send-size-max", send(e.fd, bad - 4, SIZE_MAX, NOW));
	step("send-ssize-max", send(e.fd, bad - 4, SSIZE_MAX, NOW));
	step("write-fault", write(e.fd, bad, 10));
	step("write-size-max", write(e.fd, bad - 4, SIZE_MAX));
	step("oob-fault", send(e.fd, bad, 1, NOW | MSG_OOB));
	step_ev("send-nothing-came", 0, poll_now(e.peer));
	test_alive(&e, "send");
}

static void receiving(void)
{
	struct ends e;
	long ret;

	pair(&e);
	send_hello(e.peer);
	await(e.fd, POLLIN);
	step("recv-fault", recv(e.fd, bad, 10, NOW));
	step("recv-straddle", recv(e.fd, bad - 2, 10, NOW));
	step("recv-null", recv(e.fd, NULL, 10, NOW));
	step("recv-kernel", recv(e.fd, KERNEL_PTR, 10, NOW));
	step("peek-fault", recv(e.fd, bad, 10, NOW | MSG_PEEK));
	step("read-fault", read(e.fd, bad, 10));
	step_val("recv-inq", 0, inq(e.fd));
	ret = recv(e.fd, bad - 64, 64, NOW);
	step_buf("recv-all", ret, bad - 64);
	send_hello(e.peer);
	await(e.fd, POLLIN);
	step("recv-size-max", recv(e.fd, bad - 64, SIZE_MAX, NOW));
	send(e.peer, "!", 1, MSG_OOB);
	await(e.fd, POLLPRI);
	step("recv-oob-fault", recv(e.fd, bad, 1, NOW | MSG_OOB));
	step_ev("recv-oob-poll", 0, poll_now(e.fd));
	ret = recv(e.fd, bad - 64, 1, NOW | MSG_OOB);
	step_buf("recv-oob", ret, bad - 64);
	test_alive(&e, "recv");
}

static void addresses(void)
{
	socklen_t len = sizeof(union addr);
	struct ends e;
	union addr a = {}, none = {};
	long ret;

	pair(&e);
	step("sockname-fault", getsockname(e.fd, (void *)bad, &len));
	step("sockname-null", getsockname(e.fd, NULL, &len));
	step("sockname-len-fault", getsockname(e.fd, &a.sa, (void *)bad));
	len = -1;
	step("sockname-len-negative", getsockname(e.fd, &a.sa, &len));
	len = 0;
	ret = getsockname(e.fd, &a.sa, &len);
	step_val("sockname-len-0", ret, len);
	len = 4;
	ret = getsockname(e.fd, &a.sa, &len);
	step_fmt("sockname-len-4", ret, "-", "len=%u beyond=%d", len,
		 memcmp((char *)&a + 4, (char *)&none + 4, sizeof(a) - 4));
	len = sizeof(a);
	step("peername-fault", getpeername(e.fd, (void *)bad, &len));
	step("peername-len-null", getpeername(e.fd, &a.sa, NULL));
	send_hello(e.peer);
	await(e.fd, POLLIN);
	len = sizeof(a);
	step("recvfrom-addr-fault", recvfrom(e.fd, bad - 8, 2, NOW,
					     (void *)bad, &len));
	step("recvfrom-len-fault", recvfrom(e.fd, bad - 8, 2, NOW, &a.sa,
					    (void *)bad));
	len = -1;
	step("recvfrom-len-negative", recvfrom(e.fd, bad - 8, 2, NOW, &a.sa,
					       &len));
	step_val("recvfrom-left", 0, inq(e.fd));
	test_alive(&e, "address");
}

void g_hostile(void)
{
	sending();
	receiving();
	addresses();
}

static void vectors(void)
{
	struct iovec iov[2] = { { "abc", 3 }, { bad, 3 } };
	struct ends e;
	long ret;

	pair(&e);
	step("writev-fault", writev(e.fd, (void *)bad, 1));
	step("writev-second", writev(e.fd, iov, 2));
	iov[0].iov_base = bad;
	iov[1].iov_base = "abc";
	step("writev-first", writev(e.fd, iov, 2));
	step_ev("writev-nothing-came", 0, poll_now(e.peer));
	send_hello(e.peer);
	await(e.fd, POLLIN);
	step("readv-fault", readv(e.fd, (void *)bad, 1));
	iov[1].iov_base = bad - 64;
	step("readv-first", readv(e.fd, iov, 2));
	iov[0].iov_base = bad - 64;
	iov[1].iov_base = bad;
	step("readv-second", readv(e.fd, iov, 2));
	ret = recv(e.fd, bad - 64, 64, NOW);
	step_buf("readv-left", ret, bad - 64);
	test_alive(&e, "vector");
}

static void headers(void)
{
	struct iovec iov = { bad - 64, 8 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct ends e;

	pair(&e);
	step("sendmsg-fault", sendmsg(e.fd, (void *)bad, NOW));
	step("sendmsg-null", sendmsg(e.fd, NULL, NOW));
	step("recvmsg-fault", recvmsg(e.fd, (void *)bad, NOW));
	m.msg_name = bad;
	m.msg_namelen = 16;
	step("sendmsg-name-fault", sendmsg(e.fd, &m, NOW));
	m.msg_name = NULL;
	m.msg_namelen = 0;
	m.msg_control = bad;
	m.msg_controllen = 16;
	step("sendmsg-control-fault", sendmsg(e.fd, &m, NOW));
	m.msg_controllen = SIZE_MAX;
	step("sendmsg-control-huge", sendmsg(e.fd, &m, NOW));
	m.msg_control = NULL;
	m.msg_controllen = 0;
	m.msg_iov = (void *)bad;
	step("sendmsg-iov-fault", sendmsg(e.fd, &m, NOW));
	step("recvmsg-iov-fault", recvmsg(e.fd, &m, NOW));
	m.msg_iov = &iov;
	step_ev("sendmsg-nothing-came", 0, poll_now(e.peer));
	seti(e.fd, SOL_SOCKET, SO_TIMESTAMP, 1);
	send_hello(e.peer);
	await(e.fd, POLLIN);
	m.msg_control = bad;
	m.msg_controllen = 64;
	iov.iov_len = 2;
	step("recvmsg-control-fault", recvmsg(e.fd, &m, NOW));
	m.msg_control = NULL;
	m.msg_controllen = 0;
	m.msg_name = bad;
	m.msg_namelen = 16;
	step("recvmsg-name-fault", recvmsg(e.fd, &m, NOW));
	step_val("recvmsg-left", 0, inq(e.fd));
	step("sendmmsg-fault", sendmmsg(e.fd, (void *)bad, 1, NOW));
	step("recvmmsg-fault", recvmmsg(e.fd, (void *)bad, 1, NOW, NULL));
	test_alive(&e, "header");
}

/* More than a page, the second of which is not there. */
static void long_ones(void)
{
	struct ends e;
	long page = sysconf(_SC_PAGESIZE);
	long ret;

	pair(&e);
	step("send-page", send(e.fd, bad - page, page, NOW));
	await(e.peer, POLLIN);
	sleep_ms(20);
	step("recv-page-straddle", recv(e.peer, bad - 100, page, NOW));
	step_val("recv-page-inq", 0, inq(e.peer));
	ret = recv(e.peer, bad - page, page, NOW);
	step("recv-page", ret);
	test_alive(&e, "page");
}

void g_hostile_msg(void)
{
	vectors();
	headers();
	long_ones();
}
