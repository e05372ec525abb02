// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options: Linux's TCP_*, with the same names, values and errors, at SOL_TCP and
 * at SOL_TCPX alike, and tcpx's own at SOL_TCPX.  TCP_INFO is STATUS, 3.10.6.
 */
#include <linux/export.h>
#include <linux/inet_diag.h>
#include <linux/sockptr.h>
#include <linux/tcp.h>
#include <net/tcp.h>

#include "../core/ack.h"
#include "../core/conf.h"
#include "../core/deadline.h"
#include "../core/rate.h"
#include "../core/recovery.h"
#include "../path/cong_choice.h"
#include "../path/host_queue.h"
#include "../path/output.h"
#include "../path/rcv_space.h"
#include "../path/saved_syn.h"
#include "../uapi/tcpx.h"
#include "fastopen.h"
#include "md5.h"
#include "map.h"
#include "repair.h"
#include "sockopt.h"
#include "zerocopy.h"

#define TCPX_MAX_SYNCNT		127
#define TCPX_MAX_KEEPCNT	127
#define TCPX_MAX_KEEP_SECS	32767
#define TCPX_MAX_LINGER2	120	/* s */
#define TCPX_MAX_USER_MSS	32767

/*
 * TCP_DEFER_ACCEPT lasts a number of retransmissions of the SYN,ACK: @secs, rounded up
 * to the time at which one of them is due.
 */
static u32 tcpx_defer_secs(int secs)
{
	u32 step = 1, due = 0, n;

	for (n = 0; secs > 0 && due < secs && n < 255; n++) {
		due += step;
		step = min(step * 2, 120U);
	}
	return due;
}

static int tcpx_in_range(int val, int low, int high)
{
	return val < low || val > high ? -EINVAL : 0;
}

static int tcpx_set_maxseg(struct sock *sk, int val)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	if (val && tcpx_in_range(val, TCPX_MSS_MIN, TCPX_MAX_USER_MSS))
		return -EINVAL;
	tsk->user_mss = val;	/* from the next SYN on */
	return 0;
}

static int tcpx_set_window_clamp(struct sock *sk, int val)
{
	if (!val && sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	tcpx_sk(sk)->window_clamp = val ? max_t(u32, val, SOCK_MIN_RCVBUF / 2) : 0;
	return 0;
}

static void tcpx_set_quickack(struct sock *sk, int val)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	tcb->pingpong = true;
	if (!val)
		return;
	tcpx_ack_quickly(tcb);
	if (tcb->deadline[TCPX_T_DELACK] != TCPX_NEVER)
		tcpx_send_ack(sk);
}

static void tcpx_send_held_back(struct sock *sk)
{
	if ((1 << sk->sk_state) & ~(TCPF_CLOSE | TCPF_LISTEN | TCPF_SYN_SENT))
		tcpx_output(sk);
}

/* tcp(7): TCP_NODELAY "forces an explicit flush", with TCP_CORK set as well */
static void tcpx_set_nodelay(struct sock *sk, bool on)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	tcb->nodelay = on;
	if (!on)
		return;
	tcb->push_seq = tcb->write_seq;
	tcpx_send_held_back(sk);
}

static void tcpx_set_cork(struct sock *sk, bool on)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);

	tsk->corked = on;
	tsk->tcb.cork = on;
	if (!on)
		tcpx_send_held_back(sk);
}

static int tcpx_set_user_timeout(struct sock *sk, int val)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	if (val < 0)
		return -EINVAL;
	tcb->user_timeout = val;
	tcb->uto_fixed = val;		/* RFC 5482, 3.1: no longer CHANGEABLE */
	tcb->uto_send = val;
	tcpx_deadline_user(tcb);
	tcpx_timer_sync(sk);
	return 0;
}

static int tcpx_set_keepidle(struct sock *sk, int val)
{
	struct tcpx_tcb *tcb = &tcpx_sk(sk)->tcb;

	if (tcpx_in_range(val, 1, TCPX_MAX_KEEP_SECS))
		return -EINVAL;
	tcb->keep_idle = val;
	tcpx_deadline_keep(tcb, ktime_get_ns());
	tcpx_timer_sync(sk);
	return 0;
}

static int tcpx_set_isn(struct sock *sk, u32 val)
{
	if (!ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	tcpx_sk(sk)->isn = val;
	tcpx_sk(sk)->isn_fixed = true;
	return 0;
}

/* A socket of the wire's most used number is the administrator's to allow */
static int tcpx_set_wire(struct sock *sk, int val)
{
	if (val != tcpx_ipproto && val != IPPROTO_TCP)
		return -EINVAL;
	if (val == IPPROTO_TCP && !ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (sk->sk_state == TCP_LISTEN)
		return -EINVAL;
	if (sk->sk_state != TCP_CLOSE)
		return -EISCONN;
	return tcpx_port_switch(sk, val);
}

static int tcpx_set_own(struct sock *sk, int optname, int val)
{
	switch (optname) {
	case TCPX_ISN:
		return tcpx_set_isn(sk, val);
	case TCPX_UTO:
		if (tcpx_in_range(val, 0, 1))
			return -EINVAL;
		tcpx_sk(sk)->tcb.uto_on = val;
		return 0;
	case TCPX_WIRE_PROTOCOL:
		return tcpx_set_wire(sk, val);
	case TCPX_ZEROCOPY:
		return tcpx_zerocopy_set(sk, val);
	default:
		return -ENOPROTOOPT;
	}
}

static int tcpx_set_int(struct sock *sk, int optname, int val)
{
	struct tcpx_sock *tsk = tcpx_sk(sk);
	struct tcpx_tcb *tcb = &tsk->tcb;

	switch (optname) {
	case TCP_MAXSEG:
		return tcpx_set_maxseg(sk, val);
	case TCP_NODELAY:
		tcpx_set_nodelay(sk, val);
		return 0;
	case TCP_THIN_DUPACK:
		return tcpx_in_range(val, 0, 1);
	case TCP_THIN_LINEAR_TIMEOUTS:
		if (tcpx_in_range(val, 0, 1))
			return -EINVAL;
		tcb->thin_linear = val;
		return 0;
	case TCP_CORK:
		tcpx_set_cork(sk, val);
		return 0;
	case TCP_KEEPIDLE:
		return tcpx_set_keepidle(sk, val);
	case TCP_KEEPINTVL:
		if (tcpx_in_range(val, 1, TCPX_MAX_KEEP_SECS))
			return -EINVAL;
		tcb->keep_intvl = val;	/* from the next probe on */
		return 0;
	case TCP_KEEPCNT:
		if (tcpx_in_range(val, 1, TCPX_MAX_KEEPCNT))
			return -EINVAL;
		tcb->keep_probes = val;
		return 0;
	case TCP_SYNCNT:
		if (tcpx_in_range(val, 1, TCPX_MAX_SYNCNT))
			return -EINVAL;
		tcb->syn_retries = val;
		return 0;
	case TCP_LINGER2:
		tcb->linger2 = val < 0 ? -1 : min(val, TCPX_MAX_LINGER2);
		return 0;
	case TCP_DEFER_ACCEPT:
		tsk->defer_accept = tcpx_defer_secs(val);
		return 0;
	case TCP_WINDOW_CLAMP:
		return tcpx_set_window_clamp(sk, val);
	case TCP_QUICKACK:
		tcpx_set_quickack(sk, val);
		return 0;
	case TCP_USER_TIMEOUT:
		return tcpx_set_user_timeout(sk, val);
	case TCP_NOTSENT_LOWAT:
		WRITE_ONCE(tsk->notsent_lowat, val);
		sk->sk_write_space(sk);
		return 0;
	case TCP_REPAIR:
		return tcpx_repair_set_mode(sk, val);
	case TCP_REPAIR_QUEUE:
		return tcpx_repair_set_queue(sk, val);
	case TCP_QUEUE_SEQ:
		return tcpx_repair_set_seq(sk, val);
	case TCP_TIMESTAMP:
		return tcpx_repair_set_timestamp(sk, val);
	case TCP_TX_DELAY:
		WRITE_ONCE(tsk->tx_delay, val);
		return 0;
	case TCP_SAVE_SYN:
		if (tcpx_in_range(val, 0, TCPX_SAVE_SYN_MAC))
			return -EINVAL;
		WRITE_ONCE(tsk->save_syn, val);
		return 0;
	case TCP_FASTOPEN:
		return tcpx_fastopen_set_queue(sk, val);
	case TCP_FASTOPEN_CONNECT:
		return tcpx_fastopen_set_connect(sk, val);
	case TCP_FASTOPEN_NO_COOKIE:
		return tcpx_fastopen_set_no_cookie(sk, val);
	case TCP_INQ:
		if (tcpx_in_range(val, 0, 1))
			return -EINVAL;
		tsk->recvmsg_inq = val;
		return 0;
	default:
		return tcpx_set_own(sk, optname, val);
	}
}

/* TCP_CONGESTION; TCP_ULP, of which tcpx has none */
static int tcpx_set_name(struct sock *sk, int optname, sockptr_t optval, unsigned int optlen)
{
	char name[TCPX_CONG_NAME_MAX];
	int n;

	if (optlen < 1)
		return -EINVAL;
	n = strncpy_from_sockptr(name, optval, min_t(long, sizeof(name) - 1, optlen));
	if (n < 0)
		return -EFAULT;
	name[n] = 0;
	return optname == TCP_CONGESTION ? tcpx_cong_set(sk, name) : -ENOENT;
}

static int tcpx_set_fastopen_key(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	u8 keys[2 * TCPX_FO_KEY_LEN];
	int err;

	if (optlen > sizeof(keys))
		return -EINVAL;
	if (copy_from_sockptr(keys, optval, optlen))
		return -EFAULT;
	lock_sock(sk);
	err = tcpx_fastopen_set_keys(sk, keys, optlen);
	release_sock(sk);
	return err;
}

static bool tcpx_own_level(int level)
{
	return level == SOL_TCP || level == SOL_TCPX;
}

/* Options of other levels; of SOL_SOCKET's, where they come here at all, one is tcpx's */
static int tcpx_set_others(struct sock *sk, int level, int optname, sockptr_t optval,
			   unsigned int optlen)
{
	const struct tcpx_family *family = tcpx_family_of(READ_ONCE(sk->sk_family));

	if (level != SOL_SOCKET)
		return family->setsockopt(sk, level, optname, optval, optlen);
	if (optname == SO_ZEROCOPY)
		return tcpx_setsockopt(sk, SOL_TCPX, TCPX_ZEROCOPY, optval, optlen);
	return sock_setsockopt(sk->sk_socket, level, optname, optval, optlen);
}

/**
 * tcpx_setsockopt() - struct proto.setsockopt
 * @sk: not locked
 * @level: SOL_TCP or SOL_TCPX; or another's
 * @optname: TCP_* or TCPX_*
 * @optval: the value
 * @optlen: its bytes
 *
 * Context: process, may sleep.  Return: 0, or the -errno that Linux's TCP returns.
 */
__cold int tcpx_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
			   unsigned int optlen)
{
	int val, err;

	if (!tcpx_own_level(level))
		return tcpx_set_others(sk, level, optname, optval, optlen);
	if (optname == TCP_CONGESTION || optname == TCP_ULP)
		return tcpx_set_name(sk, optname, optval, optlen);
	if (optname == TCP_FASTOPEN_KEY)
		return tcpx_set_fastopen_key(sk, optval, optlen);
	if (optlen < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	if (optname == TCP_REPAIR_OPTIONS || optname == TCP_REPAIR_WINDOW)
		return tcpx_repair_set(sk, optname, optval, optlen);
	if (optname == TCP_MD5SIG || optname == TCP_MD5SIG_EXT)
		return tcpx_set_md5(sk, optname, optval, optlen);
	lock_sock(sk);
	err = tcpx_set_int(sk, optname, val);
	release_sock(sk);
	return err;
}

static u32 tcpx_usecs(u64 ns)
{
	return min_t(u64, div_u64(ns, NSEC_PER_USEC), U32_MAX);
}

static u32 tcpx_msecs_since(u64 then, u64 now)
{
	return then ? div_u64(now - then, NSEC_PER_MSEC) : 0;
}

/* ms since the last one; since the connection began if there was none */
static void tcpx_info_times(const struct tcpx_tcb *tcb, u64 now, struct tcp_info *info)
{
	info->tcpi_last_data_sent = tcpx_msecs_since(max(tcb->last_snd, tcb->began), now);
	info->tcpi_last_data_recv = tcpx_msecs_since(max(tcb->last_data, tcb->began), now);
	info->tcpi_last_ack_recv = tcpx_msecs_since(tcb->last_rcv, now);
}

static u8 tcpx_info_options(const struct tcpx_tcb *tcb)
{
	return (tcb->ts_ok ? TCPI_OPT_TIMESTAMPS : 0) | (tcb->sack_ok ? TCPI_OPT_SACK : 0) |
	       (tcb->wscale_ok ? TCPI_OPT_WSCALE : 0) |
	       (tcb->ecn.mode ? TCPI_OPT_ECN : 0) | (tcb->ecn.seen ? TCPI_OPT_ECN_SEEN : 0) |
	       (tcb->syn_data_acked ? TCPI_OPT_SYN_DATA : 0);
}

static u8 tcpx_info_ca_state(const struct tcpx_tcb *tcb)
{
	if (!tcb->syn_acked && tcb->rexmt_shift)
		return TCP_CA_Loss;
	switch (tcb->rec.state) {
	case TCPX_REC_CWR:
		return TCP_CA_CWR;
	case TCPX_REC_FAST:
		return TCP_CA_Recovery;
	case TCPX_REC_LOSS:
		return TCP_CA_Loss;
	default:
		return tcb->rec.dupacks || tcb->sb.sacked_bytes ? TCP_CA_Disorder : TCP_CA_Open;
	}
}

static u64 tcpx_info_rate(unsigned long rate)
{
	return rate == ~0UL ? ~0ULL : rate;
}

/* In segments, as Linux has it; tcpi_reordering is RFC 5681's threshold at least */
static void tcpx_info_flight(const struct tcpx_tcb *tcb, struct tcp_info *info)
{
	const struct tcpx_scoreboard *sb = &tcb->sb;
	u32 mss = max_t(u32, tcb->snd_mss, 1);
	bool recovers = tcb->rec.state >= TCPX_REC_FAST;
	bool syn_again = !tcb->syn_acked && tcb->rexmt_shift && tcb->snd_una != tcb->snd_nxt;

	info->tcpi_unacked = tcb->syn_acked ? tcpx_sb_len(sb) : tcb->snd_nxt - tcb->snd_una;
	info->tcpi_sacked = tcb->sack_ok ? tcpx_sb_sacked(sb) : tcb->rec.dupacks;
	/* Linux counts a lost segment until it is acknowledged, retransmitted or not */
	info->tcpi_retrans = sb->rexmt + syn_again;
	info->tcpi_lost = sb->lost.nr + (recovers ? sb->rexmt : 0) + syn_again;
	info->tcpi_reordering = clamp(DIV_ROUND_UP(tcb->rec.rack.reach, mss),
				      tcpx_dupthresh(tcb), 300U);
	info->tcpi_reord_seen = tcb->rec.rack.reordered;
	info->tcpi_dsack_dups = tcb->dsack_dups;
	info->tcpi_delivered_ce = div_u64(tcb->delivered_ce + mss - 1, mss);
	info->tcpi_delivery_rate = tcpx_rate(tcb->rate_delivered, tcb->rate_interval);
	info->tcpi_delivery_rate_app_limited = tcb->rate_app_limited;
}

static void tcpx_info_busy(const struct tcpx_sock *tsk, u64 now, struct tcp_info *info)
{
	u64 us[TCPX_NR_BUSY];
	int i;

	for (i = TCPX_BUSY; i < TCPX_NR_BUSY; i++)
		us[i] = div_u64(tsk->busy_ns[i - 1] + (i == tsk->busy ? now - tsk->busy_since : 0),
				NSEC_PER_USEC);
	info->tcpi_rwnd_limited = us[TCPX_BUSY_RWND];
	info->tcpi_sndbuf_limited = us[TCPX_BUSY_SNDBUF];
	info->tcpi_busy_time = us[TCPX_BUSY] + us[TCPX_BUSY_RWND] + us[TCPX_BUSY_SNDBUF];
}

/* @sk is locked, and @info zero */
static __cold void tcpx_get_info(struct sock *sk, struct tcp_info *info)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);
	const struct tcpx_tcb *tcb = &tsk->tcb;
	u32 mss = max_t(u32, tcb->snd_mss, 1);
	u64 now = ktime_get_ns();

	tcpx_pace_mode(sk);
	tcpx_pace_note(sk);
	info->tcpi_state = sk->sk_state;
	info->tcpi_pacing_rate = tcpx_info_rate(READ_ONCE(sk->sk_pacing_rate));
	info->tcpi_max_pacing_rate = tcpx_info_rate(READ_ONCE(sk->sk_max_pacing_rate));
	info->tcpi_reordering = TCPX_DUPTHRESH;
	info->tcpi_snd_cwnd = tcb->cong.ops ? tcb->cong.cwnd / mss : 10;
	if (sk->sk_state == TCP_LISTEN) {
		info->tcpi_unacked = READ_ONCE(sk->sk_ack_backlog);
		info->tcpi_sacked = READ_ONCE(sk->sk_max_ack_backlog);
		return;
	}
	info->tcpi_snd_ssthresh = TCPX_SSTHRESH_INF;
	tcpx_info_flight(tcb, info);
	info->tcpi_ca_state = tcpx_info_ca_state(tcb);
	info->tcpi_retransmits = tcb->rexmt_shift;
	info->tcpi_probes = tcb->probes_out;
	info->tcpi_backoff = tcb->backoff ?: tcb->persist_shift;
	info->tcpi_options = tcpx_info_options(tcb);
	info->tcpi_fastopen_client_fail = tsk->fo_fail;
	info->tcpi_snd_wscale = tcb->snd_wscale;
	info->tcpi_rcv_wscale = tcb->wscale_ok ? tcb->rcv_wscale : 0;
	info->tcpi_rto = tcpx_usecs(tcpx_rexmt_interval(tcb));
	info->tcpi_ato = tcb->last_data ? TCPX_DELACK_MS * USEC_PER_MSEC : 0;
	info->tcpi_snd_mss = tcb->snd_mss;
	info->tcpi_rcv_mss = tsk->pmtu ? tcb->rcv_mss : 0;
	tcpx_info_times(tcb, now, info);
	info->tcpi_pmtu = tsk->pmtu;
	info->tcpi_rcv_ssthresh = tcpx_rcv_total(sk);
	info->tcpi_rtt = tcpx_usecs(tcb->rtt.srtt);
	info->tcpi_rttvar = tcpx_usecs(tcb->rtt.rttvar);
	info->tcpi_min_rtt = tcb->rtt.min_rtt ? tcpx_usecs(tcb->rtt.min_rtt) : ~0U;
	if (tcb->cong.ops && tcb->cong.ssthresh != TCPX_SSTHRESH_INF)
		info->tcpi_snd_ssthresh = tcb->cong.ssthresh / mss;
	info->tcpi_advmss = tcb->adv_mss - (tcb->ts_ok ? 12 : 0);
	info->tcpi_rcv_space = tcb->rcvbuf.space;
	info->tcpi_rcv_rtt = tcpx_usecs(tcb->rcvbuf.rtt);
	info->tcpi_total_retrans = tsk->total_retrans;
	info->tcpi_bytes_acked = tsk->bytes_acked;
	info->tcpi_bytes_received = tsk->bytes_received;
	info->tcpi_bytes_sent = tsk->bytes_sent;
	info->tcpi_bytes_retrans = tsk->bytes_retrans;
	info->tcpi_segs_out = tsk->segs_out;
	info->tcpi_segs_in = tsk->segs_in;
	info->tcpi_data_segs_out = tsk->data_segs_out;
	info->tcpi_data_segs_in = tsk->data_segs_in;
	info->tcpi_delivered = tsk->delivered + info->tcpi_sacked;
	info->tcpi_rcv_ooopack = tsk->rcv_ooopack;
	tcpx_info_busy(tsk, now, info);
	info->tcpi_notsent_bytes = tcpx_fin_sent(tcb) ? 0 : tcb->write_seq - tcb->snd_nxt;
	info->tcpi_snd_wnd = tcb->snd_wnd;
}

static int tcpx_get_int(struct sock *sk, int optname, int *val)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);
	const struct tcpx_tcb *tcb = &tsk->tcb;
	const struct tcpx_conf *conf = tcb->conf;

	switch (optname) {
	case TCP_MAXSEG:
		*val = tsk->repair ? tcpx_repair_get_mss(sk) :
		       tsk->user_mss && (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN) ?
		       tsk->user_mss : tcb->snd_mss;
		return 0;
	case TCP_NODELAY:
		*val = tcb->nodelay;
		return 0;
	case TCP_THIN_DUPACK:
		*val = 0;	/* obsolete: accepted, without effect */
		return 0;
	case TCP_THIN_LINEAR_TIMEOUTS:
		*val = tcb->thin_linear;
		return 0;
	case TCP_CORK:
		*val = tsk->corked;
		return 0;
	case TCP_KEEPIDLE:
		*val = tcb->keep_idle ?: conf->keepalive_time;
		return 0;
	case TCP_KEEPINTVL:
		*val = tcb->keep_intvl ?: conf->keepalive_intvl;
		return 0;
	case TCP_KEEPCNT:
		*val = tcb->keep_probes ?: conf->keepalive_probes;
		return 0;
	case TCP_SYNCNT:
		*val = tcb->syn_retries ?: conf->syn_retries;
		return 0;
	case TCP_LINGER2:
		*val = tcb->linger2 ?: conf->fin_timeout;
		return 0;
	case TCP_DEFER_ACCEPT:
		*val = tsk->defer_accept;
		return 0;
	case TCP_WINDOW_CLAMP:
		*val = tsk->window_clamp ?: tsk->pmtu ? tcpx_rcv_total(sk) : 0;
		return 0;
	case TCP_QUICKACK:
		*val = !tcb->pingpong;
		return 0;
	case TCP_USER_TIMEOUT:
		*val = tcb->user_timeout;
		return 0;
	case TCP_NOTSENT_LOWAT:
		*val = tsk->notsent_lowat;
		return 0;
	case TCP_REPAIR:
		*val = tsk->repair;
		return 0;
	case TCP_REPAIR_QUEUE:
		return tcpx_repair_get_queue(sk, val);
	case TCP_QUEUE_SEQ:
		return tcpx_repair_get_seq(sk, val);
	case TCP_TIMESTAMP:
		*val = tcpx_tsval(tcb, ktime_get_ns());
		return 0;
	case TCP_TX_DELAY:
		*val = tsk->tx_delay;
		return 0;
	case TCP_SAVE_SYN:
		*val = tsk->save_syn;
		return 0;
	case TCP_FASTOPEN:
		*val = tcpx_fastopen_get_queue(sk);
		return 0;
	case TCP_FASTOPEN_CONNECT:
		*val = tsk->fo_connect;
		return 0;
	case TCP_FASTOPEN_NO_COOKIE:
		*val = tsk->fo_no_cookie;
		return 0;
	case TCP_INQ:
		*val = tsk->recvmsg_inq;
		return 0;
	case TCPX_ISN:
		/* RFC 6528: it tells the ISN of the next connection with this 4-tuple */
		if (!ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN))
			return -EPERM;
		*val = tcb->iss;
		return 0;
	case TCPX_UTO:
		*val = tcb->uto_on;
		return 0;
	case TCPX_WIRE_PROTOCOL:
		*val = tsk->wire;
		return 0;
	case TCPX_ZEROCOPY:
		*val = sock_flag(sk, SOCK_ZEROCOPY);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

/* Copy @src, @size bytes of which the caller's buffer takes @len, to the caller */
static int tcpx_give(char __user *optval, int __user *optlen, int len, const void *src,
		     size_t size)
{
	len = min_t(size_t, len, size);
	if (put_user(len, optlen) || copy_to_user(optval, src, len))
		return -EFAULT;
	return 0;
}

/*
 * Who reads may not be the owner.  close() gives a socket up, and destroys it, under the
 * spinlock alone: it is held as well.  False: that has happened, and nothing is left to tell.
 */
static bool tcpx_lock_to_read(struct sock *sk)
	__acquires(&sk->sk_lock.slock)
{
	lock_sock(sk);
	spin_lock_bh(&sk->sk_lock.slock);
	return tcpx_sk(sk)->cong_ops;
}

static void tcpx_unlock_reader(struct sock *sk)
	__releases(&sk->sk_lock.slock)
{
	spin_unlock_bh(&sk->sk_lock.slock);
	release_sock(sk);
}

/**
 * tcpx_read_info() - TCP_INFO: STATUS, 3.10.6
 * @sk: not locked; may be destroyed
 * @info: filled in; zeros if it is destroyed
 *
 * Context: process, may sleep.
 */
__visible __cold void tcpx_read_info(struct sock *sk, struct tcp_info *info)
{
	memset(info, 0, sizeof(*info));
	if (tcpx_lock_to_read(sk))
		tcpx_get_info(sk, info);
	tcpx_unlock_reader(sk);
}
EXPORT_SYMBOL_GPL(tcpx_read_info);

/**
 * tcpx_read_congestion() - TCP_CONGESTION
 * @sk: not locked; may be destroyed
 * @name: takes the name, with zeros after it
 *
 * Context: process, may sleep.
 */
__visible void tcpx_read_congestion(struct sock *sk, char name[TCPX_CONG_NAME_MAX])
{
	memset(name, 0, TCPX_CONG_NAME_MAX);
	if (tcpx_lock_to_read(sk))
		strscpy(name, tcpx_sk(sk)->cong_ops->name, TCPX_CONG_NAME_MAX);
	tcpx_unlock_reader(sk);
}
EXPORT_SYMBOL_GPL(tcpx_read_congestion);

/**
 * tcpx_read_cc_info() - TCP_CC_INFO
 * @sk: not locked; may be destroyed
 * @attr: takes the number that sock_diag has for what is in @info
 * @info: filled in
 *
 * Context: process, may sleep.
 * Return: bytes in @info; 0: this algorithm has nothing to tell, and @attr is not set.
 */
__visible size_t tcpx_read_cc_info(struct sock *sk, int *attr, union tcp_cc_info *info)
{
	const struct tcpx_sock *tsk = tcpx_sk(sk);
	size_t size = 0;

	if (tcpx_lock_to_read(sk) && tsk->cong_ops->info)
		size = tsk->cong_ops->info(&tsk->tcb, attr, info);
	tcpx_unlock_reader(sk);
	return size;
}
EXPORT_SYMBOL_GPL(tcpx_read_cc_info);

static int tcpx_get_status(struct sock *sk, char __user *optval, int __user *optlen, int len)
{
	struct tcp_info info;

	tcpx_read_info(sk, &info);
	return tcpx_give(optval, optlen, len, &info, sizeof(info));
}

static int tcpx_get_congestion(struct sock *sk, char __user *optval, int __user *optlen, int len)
{
	char name[TCPX_CONG_NAME_MAX];

	tcpx_read_congestion(sk, name);
	return tcpx_give(optval, optlen, len, name, sizeof(name));
}

static int tcpx_get_cc_info(struct sock *sk, char __user *optval, int __user *optlen, int len)
{
	union tcp_cc_info info = { };
	int attr;

	return tcpx_give(optval, optlen, len, &info, tcpx_read_cc_info(sk, &attr, &info));
}

/* It is told once, and only to a buffer that takes all of it */
static int tcpx_give_saved_syn(struct sock *sk, char __user *optval, int __user *optlen, int len)
{
	const struct tcpx_saved_syn *syn = tcpx_sk(sk)->saved_syn;
	int err;

	if (!syn)
		return put_user(0, optlen);
	if (len < syn->len)
		return put_user(syn->len, optlen) ?: -EINVAL;
	err = tcpx_give(optval, optlen, len, syn->data, syn->len);
	if (!err)
		tcpx_saved_syn_drop(sk);
	return err;
}

static int tcpx_get_saved_syn(struct sock *sk, char __user *optval, int __user *optlen, int len)
{
	int err;

	lock_sock(sk);
	err = tcpx_give_saved_syn(sk, optval, optlen, len);
	release_sock(sk);
	return err;
}

/**
 * tcpx_getsockopt() - struct proto.getsockopt
 * @sk: not locked
 * @level: SOL_TCP or SOL_TCPX; any other is the family's
 * @optname: TCP_* or TCPX_*
 * @optval: takes the value
 * @optlen: bytes that @optval has room for; takes those of the value
 *
 * Context: process, may sleep.  Return: 0, or the -errno that Linux's TCP returns.
 */
__cold int tcpx_getsockopt(struct sock *sk, int level, int optname, char __user *optval,
			   int __user *optlen)
{
	u8 keys[2 * TCPX_FO_KEY_LEN];
	int len, val, err;

	if (!tcpx_own_level(level))
		return tcpx_family_of(READ_ONCE(sk->sk_family))->getsockopt(sk, level, optname,
									    optval, optlen);
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	switch (optname) {
	case TCP_INFO:
		return tcpx_get_status(sk, optval, optlen, len);
	case TCP_CONGESTION:
		return tcpx_get_congestion(sk, optval, optlen, len);
	case TCP_FASTOPEN_KEY:
		return tcpx_give(optval, optlen, len, keys, tcpx_fastopen_get_keys(sk, keys));
	case TCP_CC_INFO:
		return tcpx_get_cc_info(sk, optval, optlen, len);
	case TCP_SAVED_SYN:
		return tcpx_get_saved_syn(sk, optval, optlen, len);
	case TCP_REPAIR_WINDOW:
		return tcpx_repair_get(sk, optval, len);
	case TCP_ULP:
		return tcpx_give(optval, optlen, len, NULL, 0);
	case TCP_ZEROCOPY_RECEIVE:
		return tcpx_zerocopy_receive(sk, optval, optlen, len);
	}
	err = tcpx_get_int(sk, optname, &val);
	return err ?: tcpx_give(optval, optlen, len, &val, sizeof(val));
}
