// SPDX-License-Identifier: GPL-2.0
/*
 * sock_diag for tcpx: what ss asks.  A module of its own, tcpx_diag, as TCP's is, since
 * inet_diag may be one, or may not be there; sock_diag loads it when it is asked for.
 *
 * tcpx_diag shows all sockets and entries of a namespace, under whatever IP protocol number
 * they speak, which is in INET_DIAG_PROTOCOL.  Half-open and TIME-WAIT entries have no
 * cookie: INET_DIAG_NOCOOKIE.
 *
 * TCP_INFO and the like are read under the socket's lock, as getsockopt() does, all else as
 * path/view.c has it.
 */
#include <linux/inet_diag.h>
#include <linux/module.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <net/inet_timewait_sock.h>
#include <net/netlink.h>
#include <net/tcp.h>

#include "../net/net.h"
#include "../path/md5.h"
#include "../path/view.h"
#include "../sock/sockopt.h"
#include "../tcpx_compat.h"

#define TCPX_DIAG_BATCH	4	/* on the stack */

/* What a request is about, and how it is answered */
struct tcpx_diag {
	const struct inet_diag_req_v2 *req;
	struct netlink_callback *cb;
	bool	net_admin;
	unsigned int keys;	/* so many of a socket's, and no more */
};

static struct tcpx_diag tcpx_diag_begin(const struct inet_diag_req_v2 *req,
					struct netlink_callback *cb)
{
	return (struct tcpx_diag){
		.req = req, .cb = cb, .net_admin = netlink_net_capable(cb->skb, CAP_NET_ADMIN),
		.keys = UINT_MAX,
	};
}

static bool tcpx_diag_asks(const struct tcpx_diag *diag, int attr)
{
	return diag->req->idiag_ext & 1 << (attr - 1);
}

/*
 * inet_diag takes a struct sock, and reads of one that is in TIME-WAIT no more than this:
 * its filters and inet_diag_msg_common_fill() can be used for an entry, too.
 */
static void tcpx_diag_stand_in(const struct tcpx_view *view, struct inet_timewait_sock *tw)
{
	memset(tw, 0, sizeof(*tw));
	tw->tw_family = view->family;
	tw->tw_state = TCP_TIME_WAIT;
	tw->tw_num = ntohs(view->lport);
	tw->tw_dport = view->rport;
	tw->tw_bound_dev_if = view->dev;
	tw->tw_mark = view->mark;
	tw->tw_rcv_saddr = view->laddr.s6_addr32[3];
	tw->tw_daddr = view->raddr.s6_addr32[3];
#if IS_ENABLED(CONFIG_IPV6)
	tw->tw_v6_rcv_saddr = view->laddr;
	tw->tw_v6_daddr = view->raddr;
#endif
	/* INET_DIAG_NOCOOKIE, twice */
	atomic64_set(&tw->tw_cookie, -1);
}

/* --- a message --- */

static void tcpx_diag_get_info(struct sock *sk, struct inet_diag_msg *r, void *info)
{
	if (info)
		tcpx_read_info(sk, info);
}

static int tcpx_diag_put_info(const struct tcpx_diag *diag, struct sk_buff *skb, struct sock *sk)
{
	struct nlattr *attr;

	if (!tcpx_diag_asks(diag, INET_DIAG_INFO))
		return 0;
	attr = nla_reserve_64bit(skb, INET_DIAG_INFO, sizeof(struct tcp_info), INET_DIAG_PAD);
	if (!attr)
		return -EMSGSIZE;
	tcpx_read_info(sk, nla_data(attr));
	return 0;
}

static int tcpx_diag_put_memory(const struct tcpx_diag *diag, struct sk_buff *skb,
				struct sock *sk)
{
	struct inet_diag_meminfo memory = {
		.idiag_rmem = sk_rmem_alloc_get(sk),
		.idiag_wmem = READ_ONCE(sk->sk_wmem_queued),
		.idiag_fmem = tcpx_forward_alloc(sk),
		.idiag_tmem = sk_wmem_alloc_get(sk),
	};

	if (tcpx_diag_asks(diag, INET_DIAG_MEMINFO) &&
	    nla_put(skb, INET_DIAG_MEMINFO, sizeof(memory), &memory))
		return -EMSGSIZE;
	return tcpx_diag_asks(diag, INET_DIAG_SKMEMINFO) ?
	       sock_diag_put_meminfo(sk, skb, INET_DIAG_SKMEMINFO) : 0;
}

/* idiag_ext has no bits for what BBR and DCTCP tell: as in TCP that of Vegas is for all */
static int tcpx_diag_put_cong(const struct tcpx_diag *diag, struct sk_buff *skb, struct sock *sk)
{
	union tcp_cc_info info = { };
	char name[TCPX_CONG_NAME_MAX];
	size_t size;
	int attr;

	if (tcpx_diag_asks(diag, INET_DIAG_CONG)) {
		tcpx_read_congestion(sk, name);
		if (nla_put_string(skb, INET_DIAG_CONG, name))
			return -EMSGSIZE;
	}
	if (!tcpx_diag_asks(diag, INET_DIAG_VEGASINFO))
		return 0;
	size = tcpx_read_cc_info(sk, &attr, &info);
	return size ? nla_put(skb, attr, size, &info) : 0;
}

static unsigned int tcpx_diag_count_keys(const struct sock *sk)
{
	const struct tcpx_md5_key *key;
	unsigned int n = 0;

	rcu_read_lock();
	hlist_for_each_entry_rcu(key, &tcpx_sk(sk)->md5_keys, link)
		n++;
	rcu_read_unlock();
	return n;
}

static void tcpx_diag_fill_key(struct tcp_diag_md5sig *sig, const struct tcpx_md5_key *key)
{
	const struct tcpx_md5_peers *peers = &key->peers;

	sig->tcpm_family = peers->family;
	sig->tcpm_prefixlen = peers->prefix;
	sig->tcpm_keylen = key->len;
	memcpy(sig->tcpm_key, key->secret, key->len);
	if (peers->family == AF_INET6) {
		memcpy(sig->tcpm_addr, &peers->addr, sizeof(peers->addr));
		return;
	}
	/* What is v4-mapped here is IPv4's there */
	sig->tcpm_addr[0] = peers->addr.s6_addr32[3];
	sig->tcpm_prefixlen -= 96;
}

/* RFC 2385's secrets, with TCP_INFO: for CAP_NET_ADMIN alone.  Some may come and go */
static int tcpx_diag_put_keys(const struct tcpx_diag *diag, struct sk_buff *skb,
			      const struct sock *sk)
{
	unsigned int n = min(tcpx_diag_count_keys(sk), diag->keys);
	const struct tcpx_md5_key *key;
	struct tcp_diag_md5sig *sig;
	struct nlattr *attr;

	if (!n || !diag->net_admin || !tcpx_diag_asks(diag, INET_DIAG_INFO))
		return 0;
	attr = nla_reserve(skb, INET_DIAG_MD5SIG, n * sizeof(*sig));
	if (!attr)
		return -EMSGSIZE;
	sig = nla_data(attr);
	memset(sig, 0, n * sizeof(*sig));
	rcu_read_lock();
	hlist_for_each_entry_rcu(key, &tcpx_sk(sk)->md5_keys, link) {
		if (!n--)
			break;
		tcpx_diag_fill_key(sig++, key);
	}
	rcu_read_unlock();
	return 0;
}

static int tcpx_diag_put_sock(const struct tcpx_diag *diag, struct sk_buff *skb,
			      struct inet_diag_msg *r, struct sock *sk)
{
	struct user_namespace *user_ns = sk_user_ns(NETLINK_CB(diag->cb->skb).sk);

	inet_diag_msg_common_fill(r, sk);
	if (inet_diag_msg_attrs_fill(sk, skb, r, diag->req->idiag_ext, user_ns, diag->net_admin))
		return -EMSGSIZE;
	return tcpx_diag_put_memory(diag, skb, sk) ?: tcpx_diag_put_cong(diag, skb, sk) ?:
	       tcpx_diag_put_info(diag, skb, sk) ?: tcpx_diag_put_keys(diag, skb, sk);
}

static int tcpx_diag_put_entry(const struct tcpx_diag *diag, struct sk_buff *skb,
			       struct inet_diag_msg *r, const struct tcpx_view *view)
{
	struct inet_timewait_sock tw;

	tcpx_diag_stand_in(view, &tw);
	inet_diag_msg_common_fill(r, (struct sock *)&tw);
	r->idiag_uid = 0;
	r->idiag_inode = 0;
	return diag->net_admin ? nla_put_u32(skb, INET_DIAG_MARK, view->mark) : 0;
}

static void tcpx_diag_fill_state(struct inet_diag_msg *r, const struct tcpx_view *view)
{
	r->idiag_state = view->state;
	r->idiag_timer = view->timer;
	r->idiag_retrans = view->timer == TCPX_VIEW_REXMT ? view->rexmts :
			   view->timer == TCPX_VIEW_NO_TIMER ? 0 : view->probes;
	r->idiag_expires = min_t(u64, div_u64(view->timer_left, NSEC_PER_MSEC), U32_MAX);
	r->idiag_rqueue = view->rqueue;
	r->idiag_wqueue = view->wqueue;
}

/* 0, or -EMSGSIZE: no room, and @skb is as it was */
static int tcpx_diag_fill(const struct tcpx_diag *diag, struct sk_buff *skb,
			  const struct tcpx_view *view, u16 flags)
{
	const struct nlmsghdr *asked = diag->cb->nlh;
	struct inet_diag_msg *r;
	struct nlmsghdr *nlh;
	int err;

	nlh = nlmsg_put(skb, NETLINK_CB(diag->cb->skb).portid, asked->nlmsg_seq,
			asked->nlmsg_type, sizeof(*r), flags);
	if (!nlh)
		return -EMSGSIZE;
	r = nlmsg_data(nlh);
	tcpx_diag_fill_state(r, view);
	err = view->sk ? tcpx_diag_put_sock(diag, skb, r, view->sk) :
	      tcpx_diag_put_entry(diag, skb, r, view);
	if (err || nla_put_u8(skb, INET_DIAG_PROTOCOL, view->wire)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return 0;
}

/* --- all of them --- */

/* Context: the lock of a chain */
static bool tcpx_diag_take(const struct tcpx_view *view, struct sock *sk, void *arg)
{
	const struct tcpx_diag *diag = arg;
	const struct inet_diag_sockid *id = &diag->req->id;
	const struct inet_diag_dump_data *data = diag->cb->data;
	struct inet_timewait_sock tw;

	if ((id->idiag_sport && id->idiag_sport != view->lport) ||
	    (id->idiag_dport && id->idiag_dport != view->rport))
		return false;
	if (!data->inet_diag_nla_bc)
		return true;
	if (sk)
		return TCPX_DIAG_FILTER(data, sk);
	tcpx_diag_stand_in(view, &tw);
	return TCPX_DIAG_FILTER(data, (struct sock *)&tw);
}

static void tcpx_diag_put_view(struct tcpx_view *view)
{
	if (view->sk)
		sock_put(view->sk);
}

/* Called again until it adds nothing */
static void tcpx_diag_dump(struct sk_buff *skb, struct netlink_callback *cb,
			   const struct inet_diag_req_v2 *req)
{
	struct tcpx_diag diag = tcpx_diag_begin(req, cb);
	const struct tcpx_viewer viewer = {
		.net = sock_net(skb->sk), .states = req->idiag_states,
		.family = req->sdiag_family, .take = tcpx_diag_take, .arg = &diag, .hold = true,
	};
	struct tcpx_walk *at = (struct tcpx_walk *)cb->ctx;
	struct tcpx_view views[TCPX_DIAG_BATCH];
	int i, nr, err = 0;

	BUILD_BUG_ON(sizeof(*at) > sizeof(cb->ctx));
	do {
		nr = tcpx_walk_next(at, &viewer, views, TCPX_DIAG_BATCH);
		for (i = 0; i < nr; i++) {
			if (!err) {
				err = tcpx_diag_fill(&diag, skb, &views[i], NLM_F_MULTI);
				if (err)
					*at = views[i].at;
			}
			tcpx_diag_put_view(&views[i]);
		}
	} while (nr && !err);
}

/* --- one of them --- */

static int tcpx_diag_tuple(const struct inet_diag_req_v2 *req, struct tcpx_tuple *tuple,
			   struct tcpx_addrs6 *addrs)
{
	const struct inet_diag_sockid *id = &req->id;

	memcpy(&addrs->laddr, id->idiag_src, sizeof(addrs->laddr));
	memcpy(&addrs->raddr, id->idiag_dst, sizeof(addrs->raddr));
	*tuple = (struct tcpx_tuple){ .lport = id->idiag_sport, .rport = id->idiag_dport };
	if (req->sdiag_family == AF_INET) {
		tuple->family = AF_INET;
		tuple->laddr = id->idiag_src[0];
		tuple->raddr = id->idiag_dst[0];
	} else if (req->sdiag_family != AF_INET6) {
		return -EINVAL;
	} else if (ipv6_addr_v4mapped(&addrs->laddr) && ipv6_addr_v4mapped(&addrs->raddr)) {
		tuple->family = AF_INET;
		tuple->laddr = id->idiag_src[3];
		tuple->raddr = id->idiag_dst[3];
	} else {
		tuple->family = AF_INET6;
		tuple->addrs6 = addrs;
	}
	return 0;
}

/*
 * Is it the one that is meant?  TCP gives a listener to who asks for a connection that has
 * ended; whoever wants that one closed does not mean the listener.
 */
static bool tcpx_diag_meant(const struct inet_diag_sockid *id, const struct tcpx_view *view)
{
	if (view->state == TCP_LISTEN && id->idiag_dport)
		return false;
	if (view->sk)
		return !sock_diag_check_cookie(view->sk, id->idiag_cookie);
	return id->idiag_cookie[0] == INET_DIAG_NOCOOKIE &&
	       id->idiag_cookie[1] == INET_DIAG_NOCOOKIE;
}

static bool tcpx_diag_has_cookie(const struct tcpx_view *view, struct sock *sk, void *arg)
{
	const struct inet_diag_sockid *id = arg;

	return id->idiag_sport == view->lport && !sock_diag_check_cookie(sk, id->idiag_cookie);
}

/* Of those that listen at one place, with SO_REUSEPORT, a lookup finds any */
static int tcpx_diag_find_twin(struct net *net, const struct inet_diag_req_v2 *req,
			       struct tcpx_view *view)
{
	struct inet_diag_sockid id = req->id;
	const struct tcpx_viewer viewer = {
		.net = net, .states = TCPF_LISTEN, .family = req->sdiag_family,
		.take = tcpx_diag_has_cookie, .arg = &id, .hold = true,
	};
	struct tcpx_walk at = { };

	if (id.idiag_dport || id.idiag_cookie[0] == INET_DIAG_NOCOOKIE)
		return -ENOENT;
	return tcpx_walk_next(&at, &viewer, view, 1) ? 0 : -ENOENT;
}

/* The caller puts the view */
static int tcpx_diag_find(struct net *net, const struct inet_diag_req_v2 *req,
			  struct tcpx_tuple *tuple, struct tcpx_addrs6 *addrs,
			  struct tcpx_view *view)
{
	const u8 wires[] = { tcpx_ipproto, IPPROTO_TCP };
	int i, err = tcpx_diag_tuple(req, tuple, addrs);

	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(wires); i++) {
		tuple->wire = wires[i];
		if (tcpx_view_find(net, tuple, req->id.idiag_if, view))
			continue;
		if (tcpx_diag_meant(&req->id, view))
			return 0;
		tcpx_diag_put_view(view);
	}
	return tcpx_diag_find_twin(net, req, view);
}

static size_t tcpx_diag_size(unsigned int keys)
{
	return NLMSG_ALIGN(sizeof(struct inet_diag_msg)) + inet_diag_msg_attrs_size() +
	       nla_total_size(sizeof(struct inet_diag_meminfo)) +
	       nla_total_size(SK_MEMINFO_VARS * sizeof(u32)) +
	       nla_total_size(TCPX_CONG_NAME_MAX) +
	       nla_total_size(sizeof(union tcp_cc_info)) +
	       nla_total_size_64bit(sizeof(struct tcp_info)) +
	       nla_total_size(keys * sizeof(struct tcp_diag_md5sig)) +
	       nla_total_size(sizeof(u8));	/* INET_DIAG_PROTOCOL */
}

static int tcpx_diag_dump_one(struct netlink_callback *cb, const struct inet_diag_req_v2 *req)
{
	struct tcpx_diag diag = tcpx_diag_begin(req, cb);
	struct net *net = sock_net(cb->skb->sk);
	struct tcpx_addrs6 addrs;
	struct tcpx_tuple tuple;
	struct tcpx_view view;
	struct sk_buff *skb;
	int err;

	err = tcpx_diag_find(net, req, &tuple, &addrs, &view);
	if (err)
		return err;
	diag.keys = view.sk ? tcpx_diag_count_keys(view.sk) : 0;
	skb = nlmsg_new(tcpx_diag_size(diag.keys), GFP_KERNEL);
	err = skb ? tcpx_diag_fill(&diag, skb, &view, 0) : -ENOMEM;
	tcpx_diag_put_view(&view);
	if (err) {
		WARN_ON_ONCE(err == -EMSGSIZE);
		nlmsg_free(skb);
		return err;
	}
	return nlmsg_unicast(net->diag_nlsk, skb, NETLINK_CB(cb->skb).portid);
}

#ifdef CONFIG_INET_DIAG_DESTROY
static int tcpx_diag_destroy(struct sk_buff *in_skb, const struct inet_diag_req_v2 *req)
{
	struct net *net = sock_net(in_skb->sk);
	struct tcpx_addrs6 addrs;
	struct tcpx_tuple tuple;
	struct tcpx_view view;
	int err;

	err = tcpx_diag_find(net, req, &tuple, &addrs, &view);
	if (err)
		return err;
	if (view.sk)
		err = sock_diag_destroy(view.sk, ECONNABORTED);
	else if (!netlink_net_capable(in_skb, CAP_NET_ADMIN))
		err = -EPERM;
	else
		err = tcpx_view_kill(net, &tuple, req->id.idiag_if);
	tcpx_diag_put_view(&view);
	return err;
}
#endif

static struct inet_diag_handler tcpx_diag_handler = {
	TCPX_DIAG_OWNER
	.dump			= tcpx_diag_dump,
	.dump_one		= tcpx_diag_dump_one,
	.idiag_get_info		= tcpx_diag_get_info,
	.idiag_info_size	= sizeof(struct tcp_info),
#ifdef CONFIG_INET_DIAG_DESTROY
	.destroy		= tcpx_diag_destroy,
#endif
};

static int __init tcpx_diag_init(void)
{
	tcpx_diag_handler.idiag_type = tcpx_ipproto;
	return inet_diag_register(&tcpx_diag_handler);
}

static void __exit tcpx_diag_exit(void)
{
	inet_diag_unregister(&tcpx_diag_handler);
}

module_init(tcpx_diag_init);
module_exit(tcpx_diag_exit);

MODULE_DESCRIPTION("tcpx: sockets seen by sock_diag");
MODULE_AUTHOR("The tcpx authors");
MODULE_LICENSE("GPL");
/* As sock_diag asks for it: PF_NETLINK, NETLINK_SOCK_DIAG, AF_INET, IPPROTO_TCPX */
MODULE_ALIAS("net-pf-16-proto-4-type-2-253");
