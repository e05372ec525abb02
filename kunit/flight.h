/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Segments in flight, and what becomes of them: for the cases of loss and
 * recovery.
 *
 * Segments are numbered from 0.  With tcpx_test_fly() they are sent 1 ms
 * apart, the first at SENT(0), and a round trip takes 100 ms.
 */
#ifndef _TCPX_KUNIT_FLIGHT_H
#define _TCPX_KUNIT_FLIGHT_H

#include "../core/window.h"
#include "fixture.h"

#define SMSS		TEST_MSS
#define RTT		(100 * MSEC)
#define SENT(k)		(TEST_START + RTT + ((k) + 1) * MSEC)
#define ARRIVES(k)	(SENT(k) + RTT)		/* its acknowledgment does */

/* The segment @nr has these flags, and no others */
static inline bool is(const struct tcpx_test *t, u32 nr, u8 flags)
{
	return (tcpx_sb_at(&t->tcb.sb, nr)->flags & ~TCPX_TX_APP_LIMITED) == flags;
}

/* The scoreboard agrees with itself */
static inline void sound(struct kunit *test)
{
	struct tcpx_test *t = test->priv;
	const char *fault = tcpx_test_sb_fault(&t->tcb);

	KUNIT_ASSERT_TRUE_MSG(test, !fault, "%s", fault);
}

/* No SACK, a large window, @n segments in flight */
static inline struct tcpx_test *enter(struct kunit *test, int n)
{
	struct tcpx_test *t = test->priv;

	t->wnd = 65000;
	tcpx_test_enter(test, TCPX_ESTABLISHED);
	tcpx_test_write(t, n * SMSS);
	KUNIT_ASSERT_EQ(test, tcpx_test_send_all(t), n);
	return t;
}

static inline void ack(struct tcpx_test *t, u32 bytes)
{
	tcpx_test_arrive(t, ACK, t->tcb.rcv_nxt, t->tcb.snd_una + bytes, 0);
}

static inline void dupacks(struct tcpx_test *t, int n)
{
	while (n--)
		ack(t, 0);
}

/* The segment at SND.UNA went out again */
static inline void sent_again(struct tcpx_test *t)
{
	tcpx_test_sent(t, t->tcb.snd_una, SMSS, ACK);
}

/* RFC 9937, 6.2, letter by letter: what each ACK lets out; N new, R again, . nothing */
static inline void sends(struct kunit *test, const char *want)
{
	struct tcpx_test *t = test->priv;
	char got[8] = "";
	int n = 0;

	while (n < 7 && tcpx_wnd_next(&t->tcb, t->now, &t->send)) {
		got[n++] = t->send.rexmt ? 'R' : 'N';
		tcpx_test_sent(t, t->send.seq, t->send.len, ACK);
	}
	KUNIT_EXPECT_STREQ(test, (const char *)got, want);
	sound(test);
}

/* A time-out, and the first segment went out again; @new bytes wait */
static inline struct tcpx_test *timed_out(struct kunit *test, int n, u32 new)
{
	struct tcpx_test *t = tcpx_test_fly(test, n);

	tcpx_test_write(t, new);
	t->tcb.rec.tlp = true;		/* no probe */
	tcpx_test_expire(t, TCPX_T_REXMT);
	KUNIT_ASSERT_EQ(test, t->tcb.rec.state, TCPX_REC_LOSS);
	sent_again(t);
	return t;
}

#endif /* _TCPX_KUNIT_FLIGHT_H */
