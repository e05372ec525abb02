/* SPDX-License-Identifier: GPL-2.0 */
/* Deadlines that pass, and a connection that ends by them. */
#ifndef _TCPX_KUNIT_EXPIRY_H
#define _TCPX_KUNIT_EXPIRY_H

#include "../core/deadline.h"
#include "../tcpx_fsm.h"
#include "fixture.h"

/* What is left to do for a connection that is given up */
#define TIMED_OUT	(TCPX_DO_FLUSH | TCPX_DO_ERROR | TCPX_DO_DELETE)

/* In @state, and the path has not been measured */
static inline struct tcpx_test *enter(struct kunit *test, u8 state)
{
	struct tcpx_test *t = test->priv;

	tcpx_test_enter(test, state);
	tcpx_rtt_init(&t->tcb.rtt);
	return t;
}

static inline void expect_timed_out(struct kunit *test)
{
	struct tcpx_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, t->tcb.state, TCPX_CLOSED);
	KUNIT_EXPECT_EQ(test, t->a.todo, TIMED_OUT);
	KUNIT_EXPECT_EQ(test, t->a.err, ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, tcpx_deadline_next(&t->tcb), TCPX_NEVER);
}

#endif /* _TCPX_KUNIT_EXPIRY_H */
