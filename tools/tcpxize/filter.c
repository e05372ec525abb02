// SPDX-License-Identifier: GPL-2.0
/*
 * The seccomp filter: it asks the supervisor about stream sockets of IP and about
 * SO_PROTOCOL, and lets everything else pass. It keeps nobody from anything.
 */

#include <endian.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tcpxize.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV	(1UL << 5)
#endif

#define FIELD(f)	offsetof(struct seccomp_data, f)
/* An int among the arguments: its upper half is not looked at, as in the kernel */
#define ARG(n)		(FIELD(args[n]) + (__BYTE_ORDER == __BIG_ENDIAN ? 4 : 0))
#define MAX_TESTS	5
#define TEST_LEN	4
#define BLOCK_LEN	(MAX_TESTS * TEST_LEN + 1)

/* The word at @at, masked, is one of two values */
struct test {
	unsigned int at, mask, either, or;
};

static const struct test socket_tests[] = {
	{ ARG(0), ~0U, AF_INET, AF_INET6 },
	{ ARG(1), 0xf, SOCK_STREAM, SOCK_STREAM },
	{ ARG(2), ~0U, 0, IPPROTO_TCP },
	{ 0 }
};

static const struct test getsockopt_tests[] = {
	{ ARG(1), ~0U, SOL_SOCKET, SOL_SOCKET },
	{ ARG(2), ~0U, SO_PROTOCOL, SO_PROTOCOL },
	{ 0 }
};

/* The rest of its arguments is in memory */
static const struct test socketcall_tests[] = {
	{ ARG(0), ~0U, SYS_SOCKET, SYS_GETSOCKOPT },
	{ 0 }
};

static const struct test *const tests_of[] = {
	[CALL_SOCKET] = socket_tests,
	[CALL_GETSOCKOPT] = getsockopt_tests,
	[CALL_SOCKETCALL] = socketcall_tests,
};

static int add_test(struct sock_filter *f, const struct test *t, int to_next)
{
	f[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, t->at);
	f[1] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, t->mask);
	f[2] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, t->either, 1, 0);
	f[3] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, t->or, 0,
					    to_next - TEST_LEN);
	return TEST_LEN;
}

/* All tests of a call, and the question; a test that fails goes on behind that */
static int add_call(struct sock_filter *f, const struct call *call)
{
	const struct test which[] = {
		{ FIELD(arch), ~0U, call->arch, call->arch },
		{ FIELD(nr), ~0U, call->nr, call->nr },
	};
	const struct test *tests = tests_of[call->kind];
	int n = 0, at = 0, len, i;

	while (tests[n].mask)
		n++;
	len = (2 + n) * TEST_LEN + 1;
	for (i = 0; i < 2 + n; i++)
		at += add_test(f + at, i < 2 ? &which[i] : &tests[i - 2], len - at);
	f[at] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	return len;
}

/* A signal does not interrupt a call that the supervisor has heard of: since 5.19 */
static int install(const struct sock_fprog *prog)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER |
		       SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, prog);
}

/*
 * Puts the filter on this process and all that come of it. Without CAP_SYS_ADMIN it is
 * to be had only by those who give up setuid programs: EACCES unless @no_setuid.
 */
int filter_install(bool no_setuid)
{
	struct sock_filter code[calls_len * BLOCK_LEN + 1];
	struct sock_fprog prog = { .filter = code };
	int fd, len = 0, i;

	for (i = 0; i < calls_len; i++)
		len += add_call(code + len, &calls[i]);
	code[len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	prog.len = len;
	fd = install(&prog);
	if (fd < 0 && errno == EACCES && no_setuid && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		fd = install(&prog);
	return fd;
}
