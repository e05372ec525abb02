// SPDX-License-Identifier: GPL-2.0
/*
 * Probes of a window that is shut: RFC 9293, 3.8.6.1: when they go out, and when
 * the connection is given up.
 */
#include <linux/kernel.h>

#include "../core/deadline.h"
#include "../tcpx_fsm.h"
#include "expiry.h"

/* ESTABLISHED, the peer's window shut, @len bytes waiting */
static struct tcpx_test *enter_persist(struct kunit *test, u32 len)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	t->wnd = 0;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	tcpx_test_write(t, len);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), 0);
	return t;
}

/* MUST-36, SHLD-29, SHLD-30: after an RTO, then 2, 4, ... 120 s apart */
static void persist(struct kunit *test)
{
	static const u32 at[] = { 1, 3, 7, 15, 31, 63, 127, 247, 367 };
	struct tcpx_test *t = enter_persist(test, 100);
	int i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		tcpx_test_expire(t, TCPX_T_PERSIST);
		KUNIT_EXPECT_EQ(test, t->now, TEST_START + at[i] * SEC);
		KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_PROBE);
	}
}

/* MUST-37: for ever, as long as it is answered */
static void persist_answered(struct kunit *test)
{
	struct tcpx_test *t = enter_persist(test, 100);
	int i;

	for (i = 0; i < 100; i++) {
		tcpx_test_expire(t, TCPX_T_PERSIST);
		KUNIT_ASSERT_EQ(test, t->a.todo, TCPX_DO_PROBE);
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	}
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PERSIST], t->now + 120 * SEC);
}

/* ... and otherwise until R2 */
static void persist_not_answered(struct kunit *test)
{
	struct tcpx_test *t = enter_persist(test, 100);
	int n = 0;

	while (t->tcb.state == TCPX_ESTABLISHED) {
		tcpx_test_expire(t, TCPX_T_PERSIST);
		n += t->a.todo == TCPX_DO_PROBE;
	}
	KUNIT_EXPECT_EQ(test, n, 15);
	expect_timed_out(test);
}

/* ... nor for ever where no process is left */
static void persist_of_an_orphan(struct kunit *test)
{
	struct tcpx_test *t = enter_persist(test, 100);
	int n = 0;

	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	tcpx_fsm_orphan(&t->tcb, t->now);
	while (t->tcb.state == TCPX_FIN_WAIT_1 && n < 100) {
		tcpx_test_expire(t, TCPX_T_PERSIST);
		if (t->a.todo != TCPX_DO_PROBE)
			break;
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, 8);
	expect_timed_out(test);
}

/* tcp(7): "buffered data may remain untransmitted (due to zero window size)" */
static void persist_with_user_timeout(struct kunit *test)
{
	struct tcpx_test *t = enter_persist(test, 100);
	int i;

	t->tcb.user_timeout = 6000;
	tcpx_deadline_user(&t->tcb);
	/* Probes at 1 and at 3 s, both answered: the peer lives, but takes nothing */
	for (i = 0; i < 2; i++) {
		tcpx_test_expire(t, TCPX_T_PERSIST);
		KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_PROBE);
		tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	}
	tcpx_test_expire(t, TCPX_T_USER);
	expect_timed_out(test);
	KUNIT_EXPECT_EQ(test, t->now, TEST_START + 6 * SEC);
}

/* A window that opens ends it, and the next shut one begins anew */
static void persist_ends(struct kunit *test)
{
	struct tcpx_test *t = enter_persist(test, 100);

	tcpx_test_expire(t, TCPX_T_PERSIST);
	tcpx_test_expire(t, TCPX_T_PERSIST);
	t->wnd = 100;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_OUTPUT);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PERSIST], TCPX_NEVER);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 1);
	t->wnd = 0;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	tcpx_test_write(t, 100);
	tcpx_test_send_all(t);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PERSIST], t->now + t->tcb.rtt.rto);
	tcpx_test_expire(t, TCPX_T_PERSIST);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PERSIST], t->now + 2 * t->tcb.rtt.rto);
}

/* A FIN waits for a window as data does */
static void persist_for_a_fin(struct kunit *test)
{
	struct tcpx_test *t = enter_persist(test, 0);

	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PERSIST], TCPX_NEVER);
	tcpx_fsm_call(&t->tcb, TCPX_EV_CLOSE, t->now, &t->a);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 0);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PERSIST], t->now + 1 * SEC);
}

/* While something is outstanding its ACK will look again */
static void persist_not_while_data_is_out(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	t->tcb.snd_wnd = 500;
	t->tcb.nodelay = true;
	tcpx_test_write(t, 500);
	tcpx_test_send_all(t);
	tcpx_test_write(t, 500);
	KUNIT_EXPECT_EQ(test, tcpx_test_send_all(t), 0);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_PERSIST], TCPX_NEVER);
}

static struct kunit_case persist_cases[] = {
	KUNIT_CASE(persist),
	KUNIT_CASE(persist_answered),
	KUNIT_CASE(persist_not_answered),
	KUNIT_CASE(persist_of_an_orphan),
	KUNIT_CASE(persist_with_user_timeout),
	KUNIT_CASE(persist_ends),
	KUNIT_CASE(persist_for_a_fin),
	KUNIT_CASE(persist_not_while_data_is_out),
	{}
};

static struct kunit_suite persist_suite = {
	.name = "tcpx_persist",
	.init = tcpx_test_init,
	.test_cases = persist_cases,
};

kunit_test_suite(persist_suite);
