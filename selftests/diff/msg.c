// SPDX-License-Identifier: GPL-2.0
/* Groups: sendmsg, recvmsg and their kin; control messages; time stamps. */
#include <time.h>

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/tcp.h>

#include "diff.h"

static char buf[256];

static void get(const char *name, int fd)
{
	long ret;

	await(fd, POLLIN);
	ret = recv(fd, buf, sizeof(buf), NOW);
	step_buf(name, ret, buf);
}

void g_iov(void)
{
	struct iovec three[] = { { "ab", 2 }, { NULL, 0 }, { "cde", 3 } };
	struct iovec into[] = { { buf, 2 }, { NULL, 0 }, { buf + 2, 60 } };
	static struct iovec many[1025];
	struct ends e;
	size_t i;
	long ret;

	pair(&e);
	step("writev", writev(e.fd, three, 3));
	await(e.peer, POLLIN);
	ret = readv(e.peer, into, 3);
	step_buf("readv", ret, buf);
	step("writev-none", writev(e.fd, three, 0));
	step("readv-none", readv(e.peer, into, 0));
	step("writev-negative", writev(e.fd, three, -1));
	for (i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = (struct iovec){ "m", 1 };
	step("writev-1024", writev(e.fd, many, 1024));
	step("writev-1025", writev(e.fd, many, 1025));
	for (i = 0; i < 4; i++)
		get(nm("recv-%zu", i), e.peer);
	three[1].iov_len = -1;
	step("writev-len-negative", writev(e.fd, three, 3));
	into[0].iov_len = -1;
	step("readv-len-negative", readv(e.peer, into, 3));
	nonblock(e.peer, true);
	into[0].iov_len = 2;
	step("readv-empty", readv(e.peer, into, 3));
	step("preadv", preadv(e.peer, into, 3, 0));
	step("preadv2-nowait", preadv2(e.peer, into, 3, -1, RWF_NOWAIT));
	step("pwritev2-nowait", pwritev2(e.fd, into, 1, -1, RWF_NOWAIT));
	shut(&e);
	step("writev-closed", writev(e.fd, into, 1));
}

static void many_messages(struct ends *e)
{
	struct iovec out[3] = { { "one", 3 }, { "two", 3 }, { "six", 3 } };
	struct iovec in[3] = { { buf, 4 }, { buf + 4, 4 }, { buf + 8, 4 } };
	struct timespec ts = { 1, 0 };
	struct mmsghdr m[3] = {};
	size_t i;
	int n;

	for (i = 0; i < 3; i++) {
		m[i].msg_hdr.msg_iov = &out[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	n = sendmmsg(e->fd, m, 3, 0);
	step_fmt("sendmmsg", n, "-", "%u %u %u", m[0].msg_len, m[1].msg_len,
		 m[2].msg_len);
	sleep_ms(100);
	for (i = 0; i < 3; i++)
		m[i].msg_hdr.msg_iov = &in[i];
	n = recvmmsg(e->peer, m, 3, NOW, &ts);
	step_fmt("recvmmsg", n, "-", "%u %u %u", m[0].msg_len, m[1].msg_len,
		 m[2].msg_len);
	step_buf("recvmmsg-data", 9, buf);
	step("recvmmsg-empty", recvmmsg(e->peer, m, 3, NOW, &ts));
	step("recvmmsg-none", recvmmsg(e->peer, m, 0, NOW, NULL));
	step("sendmmsg-none", sendmmsg(e->fd, m, 0, 0));
}

void g_msg(void)
{
	struct iovec iov = { "msg", 3 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct ends e;
	union addr a;
	long ret;

	pair(&e);
	step("sendmsg", sendmsg(e.fd, &m, 0));
	await(e.peer, POLLIN);
	iov.iov_base = buf;
	iov.iov_len = sizeof(buf);
	m.msg_name = &a;
	m.msg_namelen = sizeof(a);
	m.msg_control = buf + 128;
	m.msg_controllen = 64;
	m.msg_flags = -1;
	ret = recvmsg(e.peer, &m, NOW);
	step_fmt("recvmsg", ret, "-", "name=%u control=%zu flags=%#x",
		 m.msg_namelen, m.msg_controllen, m.msg_flags);
	send_hello(e.fd);
	await(e.peer, POLLIN);
	iov.iov_len = 2;
	ret = recvmsg(e.peer, &m, MSG_TRUNC);
	step_fmt("recvmsg-trunc", ret, "-", "flags=%#x", m.msg_flags);
	get("recvmsg-rest", e.peer);
	m.msg_iovlen = 0;
	step("recvmsg-no-iov", recvmsg(e.peer, &m, NOW));
	m.msg_controllen = 0;
	step("sendmsg-no-iov", sendmsg(e.fd, &m, NOW));
	m.msg_iovlen = 1025;
	step("sendmsg-iov-1025", sendmsg(e.fd, &m, NOW));
	step("recvmsg-iov-1025", recvmsg(e.peer, &m, NOW));
	m.msg_iovlen = 1;
	m.msg_namelen = -1;
	step("sendmsg-name-negative", sendmsg(e.fd, &m, NOW));
	step("recvmsg-name-negative", recvmsg(e.peer, &m, NOW));
	m.msg_namelen = sizeof(a);
	m.msg_control = buf + 128;
	m.msg_controllen = 64;
	step("errqueue-empty", recvmsg(e.fd, &m, MSG_ERRQUEUE | NOW));
	step("errqueue-blocks-not", recvmsg(e.fd, &m, MSG_ERRQUEUE));
	many_messages(&e);
	shut(&e);
}

static void control(const char *name, int level, int type, size_t len,
		    unsigned int val)
{
	union {
		char buf[CMSG_SPACE(8)];
		struct cmsghdr align;
	} u = {};
	struct iovec iov = { "c", 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = u.buf, .msg_controllen = sizeof(u.buf),
	};
	struct ends e;
	long ret;

	pair(&e);
	u.align.cmsg_level = level;
	u.align.cmsg_type = type;
	u.align.cmsg_len = len;
	memcpy(CMSG_DATA(&u.align), &val, sizeof(val));
	ret = sendmsg(e.fd, &m, NOW);
	step(name, ret);
	if (ret > 0)
		get(nm("%s-recv", name), e.peer);
	shut(&e);
}

/* recvmsg: which control messages came, in which order. */
static void received(const char *name, int fd, size_t room)
{
	char list[128] = "", data[16];
	struct iovec iov = { data, sizeof(data) };
	union {
		char buf[512];
		struct cmsghdr align;
	} u;
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = u.buf, .msg_controllen = room,
	};
	struct cmsghdr *c;
	size_t n = 0;
	long ret;

	settle();
	ret = recvmsg(fd, &m, NOW);
	if (ret < 0)
		m.msg_controllen = 0;
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		int v;

		n += snprintf(list + n, sizeof(list) - n, "%s%d/%d",
			      n ? "," : "", c->cmsg_level == proto ? SOL_TCP :
			      c->cmsg_level, c->cmsg_type);
		memcpy(&v, CMSG_DATA(c), sizeof(v));
		if (c->cmsg_type == TCP_CM_INQ && c->cmsg_level != SOL_SOCKET)
			n += snprintf(list + n, sizeof(list) - n, "=%d", v);
	}
	step_fmt(name, ret, m.msg_flags & MSG_CTRUNC ? "CTRUNC" : "-", "%s",
		 list);
}

static void wishes(void)
{
	static const struct {
		const char *name;
		int level, opt, val;
	} opts[] = {
		{ "timestamp", SOL_SOCKET, SO_TIMESTAMP, 1 },
		{ "timestampns", SOL_SOCKET, SO_TIMESTAMPNS, 1 },
		{ "rx-software", SOL_SOCKET, SO_TIMESTAMPING,
		  SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE },
		{ "recvttl", SOL_FAMILY, FAM_RECVTTL, 1 },
		{ "pktinfo", SOL_FAMILY, FAM_PKTINFO, 1 },
		{ "recvtos", SOL_FAMILY, FAM_RECVTOS, 1 },
		{ "rxq-ovfl", SOL_SOCKET, SO_RXQ_OVFL, 1 },
		{ "passcred", SOL_SOCKET, SO_PASSCRED, 1 },
		{ "inq", SOL_TCP, TCP_INQ, 1 },
	};
	struct ends e;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(opts); i++) {
		pair(&e);
		step(nm("%s-set", opts[i].name),
		     seti(e.peer, opts[i].level, opts[i].opt, opts[i].val));
		/* a worker turns the stamping of what arrives on */
		sleep_ms(100);
		send(e.fd, "0123456789abcdefghij", 20, 0);
		settle();
		received(opts[i].name, e.peer, 512);
		received(nm("%s-no-room", opts[i].name), e.peer, 4);
		shutdown(e.fd, SHUT_WR);
		received(nm("%s-eof", opts[i].name), e.peer, 512);
		shut(&e);
	}
}

void g_cmsg(void)
{
	control("rights", SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(4), 0);
	control("unknown-socket", SOL_SOCKET, 0x7777, CMSG_LEN(4), 0);
	control("unknown-tcp", SOL_TCP, 1, CMSG_LEN(4), 0);
	control("unknown-ip", fam->level, fam->opt[FAM_TTL], CMSG_LEN(4), 9);
	control("mark", SOL_SOCKET, SO_MARK, CMSG_LEN(4), 5);
	control("mark-len", SOL_SOCKET, SO_MARK, CMSG_LEN(3), 5);
	control("timestamping", SOL_SOCKET, SO_TIMESTAMPING, CMSG_LEN(4),
		SOF_TIMESTAMPING_TX_SOFTWARE);
	control("timestamping-bad", SOL_SOCKET, SO_TIMESTAMPING, CMSG_LEN(4),
		SOF_TIMESTAMPING_RX_SOFTWARE);
	control("txtime", SOL_SOCKET, SO_TXTIME, CMSG_LEN(8), 1);
	control("len-0", SOL_SOCKET, SO_MARK, 0, 5);
	control("len-huge", SOL_SOCKET, SO_MARK, 4096, 5);
	nobody(true);
	control("mark-nobody", SOL_SOCKET, SO_MARK, CMSG_LEN(4), 5);
	nobody(false);
	wishes();
}

/* One message of the error queue: why it is there and for which byte. */
static void report(const char *name, int fd)
{
	char data[64];
	struct iovec iov = { data, sizeof(data) };
	union {
		char buf[512];
		struct cmsghdr align;
	} u;
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = u.buf, .msg_controllen = sizeof(u.buf),
	};
	struct sock_extended_err ee = {};
	struct cmsghdr *c;
	int stamps = 0;
	long ret;

	ret = recvmsg(fd, &m, MSG_ERRQUEUE);
	for (c = ret < 0 ? NULL : CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET)
			stamps++;
		else
			memcpy(&ee, CMSG_DATA(c), sizeof(ee));
	step_fmt(name, ret, "-",
		 "stamps=%d errno=%u origin=%u info=%u data=%u flags=%s%s",
		 stamps, ee.ee_errno, ee.ee_origin, ee.ee_info, ee.ee_data,
		 m.msg_flags & MSG_ERRQUEUE ? "ERRQUEUE" : "",
		 m.msg_flags & MSG_CTRUNC ? "CTRUNC" : "");
}

static void transmit(const char *name, int flags)
{
	struct ends e;
	size_t i;

	pair(&e);
	step(nm("%s-set", name), seti(e.fd, SOL_SOCKET, SO_TIMESTAMPING,
				      flags | SOF_TIMESTAMPING_SOFTWARE));
	step_val(nm("%s-get", name), 0,
		 geti(e.fd, SOL_SOCKET, SO_TIMESTAMPING));
	send(e.fd, "0123456789", 10, 0);
	outq_empty(e.fd);
	step_ev(nm("%s-poll", name), 0, poll_now(e.fd));
	for (i = 0; i < 4; i++)
		report(nm("%s-report-%zu", name, i), e.fd);
	send_hello(e.fd);
	outq_empty(e.fd);
	for (i = 0; i < 4; i++)
		report(nm("%s-more-%zu", name, i), e.fd);
	step_ev(nm("%s-poll-end", name), 0, poll_now(e.fd));
	step_val(nm("%s-error", name), 0, so_error(e.fd));
	shut(&e);
}

void g_tstamp(void)
{
	const int id = SOF_TIMESTAMPING_OPT_ID, only = SOF_TIMESTAMPING_OPT_TSONLY;
	union addr a;
	int fd;

	transmit("software", SOF_TIMESTAMPING_TX_SOFTWARE);
	transmit("software-id", SOF_TIMESTAMPING_TX_SOFTWARE | id | only);
	transmit("ack", SOF_TIMESTAMPING_TX_ACK | id | only);
	transmit("sched", SOF_TIMESTAMPING_TX_SCHED | id | only);
	transmit("all", SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_ACK |
		 SOF_TIMESTAMPING_TX_SCHED | id | only);
	fd = sock();
	step("id-closed", seti(fd, SOL_SOCKET, SO_TIMESTAMPING, id));
	close(fd);
	fd = listener(1, &a);
	step("id-listen", seti(fd, SOL_SOCKET, SO_TIMESTAMPING, id));
	step("unknown", seti(fd, SOL_SOCKET, SO_TIMESTAMPING, 1 << 30));
	close(fd);
}
