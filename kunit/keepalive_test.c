// SPDX-License-Identifier: GPL-2.0
/*
 * Keep-alive: RFC 9293, 3.8.4: when a probe goes out, and when the connection
 * is given up.
 */
#include <linux/kernel.h>

#include "../core/deadline.h"
#include "../tcpx_fsm.h"
#include "expiry.h"

/* S24: 7200 s, nine more 75 s apart, and the end at 7950 s */
static void keepalive(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	int i;

	t->tcb.keep_on = true;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	for (i = 0; i < 10; i++) {
		KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb),
				t->tcb.deadline[TCPX_T_KEEP]);
		tcpx_test_expire(t, TCPX_T_KEEP);
		KUNIT_EXPECT_EQ(test, t->now, TEST_START + (7200 + i * 75) * SEC);
		KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_PROBE);
	}
	tcpx_test_expire(t, TCPX_T_KEEP);
	KUNIT_EXPECT_EQ(test, t->now, TEST_START + 7950 * SEC);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_RST | TIMED_OUT);
	KUNIT_EXPECT_EQ(test, t->a.err, ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, t->a.rst.flags, RST_ACK);
	KUNIT_EXPECT_EQ(test, t->a.rst.seq, TEST_ISS + 1);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSED);
}

/* MUST-25 */
static void keepalive_is_off_by_default(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_KEEP], TCPX_NEVER);
}

/* MUST-24: on and off at any time; it counts from the last segment */
static void keepalive_switched(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	t->now += 1000 * SEC;
	t->tcb.keep_on = true;
	tcpx_deadline_keep(&t->tcb, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_KEEP], TEST_START + 7200 * SEC);
	t->tcb.keep_on = false;
	tcpx_deadline_keep(&t->tcb, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_KEEP], TCPX_NEVER);
}

static void keepalive_switched_on_late(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	t->now += 10000 * SEC;
	t->tcb.keep_on = true;
	tcpx_deadline_keep(&t->tcb, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_KEEP], t->now);
}

/* An expiry that was under way when it was switched off */
static void keepalive_expires_when_off(struct kunit *test)
{
	struct tcpx_test *t = enter(test, TCPX_ESTABLISHED);

	t->tcb.deadline[TCPX_T_KEEP] = t->now + 7200 * SEC;
	tcpx_test_expire(t, TCPX_T_KEEP);
	KUNIT_EXPECT_EQ(test, t->a.todo, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_KEEP], TCPX_NEVER);
}

/* MUST-27: the three numbers are the user's */
static void keepalive_numbers_of_the_user(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.keep_on = true;
	t->tcb.keep_idle = 10;
	t->tcb.keep_intvl = 3;
	t->tcb.keep_probes = 2;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_test_expire(t, TCPX_T_KEEP);
	KUNIT_EXPECT_EQ(test, t->now, TEST_START + 10 * SEC);
	tcpx_test_expire(t, TCPX_T_KEEP);
	KUNIT_EXPECT_EQ(test, t->now, TEST_START + 13 * SEC);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_PROBE);
	tcpx_test_expire(t, TCPX_T_KEEP);
	KUNIT_EXPECT_EQ(test, t->now, TEST_START + 16 * SEC);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSED);
}

/* An acceptable segment of the peer starts the 2 hours anew, a probe's answer too */
static void keepalive_answered(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.keep_on = true;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_test_expire(t, TCPX_T_KEEP);
	tcpx_test_expire(t, TCPX_T_KEEP);
	t->now += 1 * SEC;
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_nxt, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_KEEP], t->now + 7200 * SEC);
	KUNIT_EXPECT_EQ(test, t->tcb.probes_out, 0);
}

/* A deadline that was not moved when the peer spoke looks at the clock */
static void keepalive_not_idle(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.keep_on = true;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	t->tcb.last_rcv += 100 * SEC;
	tcpx_test_expire(t, TCPX_T_KEEP);
	KUNIT_EXPECT_EQ(test, t->a.todo, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_KEEP], TEST_START + 7300 * SEC);
}

/* MUST-26: not while something is outstanding */
static void keepalive_while_data_is_out(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.keep_on = true;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_test_write(t, 10);
	tcpx_test_send_all(t);
	tcpx_test_expire(t, TCPX_T_KEEP);
	KUNIT_EXPECT_EQ(test, t->a.todo, 0);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_KEEP], t->now + 7200 * SEC);
}

static void keepalive_while_data_waits(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.keep_on = true;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_test_write(t, 10);
	tcpx_test_expire(t, TCPX_T_KEEP);
	KUNIT_EXPECT_EQ(test, t->a.todo, 0);
}

/* TCP_USER_TIMEOUT takes the place of the count of probes, but not of all */
static void keepalive_with_user_timeout(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.keep_on = true;
	t->tcb.user_timeout = 7300 * 1000;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_test_expire(t, TCPX_T_KEEP);
	tcpx_test_expire(t, TCPX_T_KEEP);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_PROBE);
	tcpx_test_expire(t, TCPX_T_KEEP);
	KUNIT_EXPECT_EQ(test, t->now, TEST_START + 7350 * SEC);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSED);
}

/* ... exactly when it is over */
static void keepalive_with_user_timeout_at_a_probe(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.keep_on = true;
	t->tcb.user_timeout = 7275 * 1000;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_test_expire(t, TCPX_T_KEEP);
	tcpx_test_expire(t, TCPX_T_KEEP);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSED);
}

/* MUST-29: never without one probe, however short the user time-out */
static void keepalive_probes_once_at_least(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.keep_on = true;
	t->tcb.user_timeout = 1000;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_test_expire(t, TCPX_T_KEEP);
	KUNIT_EXPECT_EQ(test, t->a.todo, TCPX_DO_PROBE);
	tcpx_test_expire(t, TCPX_T_KEEP);
	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSED);
}

static void keepalive_not_in_time_wait(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	t->tcb.keep_on = true;
	tcpx_test_enter(test, TCPX_TIME_WAIT);
	tcpx_deadline_keep(&t->tcb, t->now);
	KUNIT_EXPECT_EQ(test, t->tcb.deadline[TCPX_T_KEEP], TCPX_NEVER);
}

static struct kunit_case keepalive_cases[] = {
	KUNIT_CASE(keepalive),
	KUNIT_CASE(keepalive_is_off_by_default),
	KUNIT_CASE(keepalive_switched),
	KUNIT_CASE(keepalive_switched_on_late),
	KUNIT_CASE(keepalive_expires_when_off),
	KUNIT_CASE(keepalive_numbers_of_the_user),
	KUNIT_CASE(keepalive_answered),
	KUNIT_CASE(keepalive_not_idle),
	KUNIT_CASE(keepalive_while_data_is_out),
	KUNIT_CASE(keepalive_while_data_waits),
	KUNIT_CASE(keepalive_with_user_timeout),
	KUNIT_CASE(keepalive_with_user_timeout_at_a_probe),
	KUNIT_CASE(keepalive_probes_once_at_least),
	KUNIT_CASE(keepalive_not_in_time_wait),
	{}
};

static struct kunit_suite keepalive_suite = {
	.name = "tcpx_keepalive",
	.init = tcpx_test_init,
	.test_cases = keepalive_cases,
};

kunit_test_suite(keepalive_suite);
