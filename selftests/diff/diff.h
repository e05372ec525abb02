/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differential test: the same socket calls on TCP and on tcpx.
 *
 * A group is a function that makes its own sockets; it runs in a child of its
 * own, in a network namespace of its own, so that a failure stays inside it.
 * A step is one call and one line of the transcript.
 */
#ifndef _DIFF_H
#define _DIFF_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../../uapi/tcpx.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#ifndef SOL_TCP
#define SOL_TCP		6
#endif
#define NOW		(MSG_DONTWAIT | MSG_NOSIGNAL)
/* Below the ephemeral range: shown in the transcript as it is */
#define PORT		20000

union addr {
	struct {
		sa_family_t family;
		in_port_t port;		/* each family has it there */
	};
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_storage ss;
};

struct ends {
	int fd;			/* the end under test */
	int peer;		/* the other end, or -1 */
	int lfd;		/* the listener, or -1 */
	union addr to;		/* the listener's address */
};

/* Options that both families have, each at a level of its own: SOL_FAMILY */
enum {
	FAM_TOS,
	FAM_TTL,
	FAM_MINTTL,
	FAM_RECVTOS,
	FAM_RECVTTL,
	FAM_PKTINFO,
	FAM_RECVERR,
	FAM_FREEBIND,
	FAM_TRANSPARENT,
	FAM_MTU_DISCOVER,
	NR_FAM_OPTS
};

#define SOL_FAMILY	-2

struct family {
	const char *name;
	int af;
	int other_af;
	int level;
	int opt[NR_FAM_OPTS];
	socklen_t len;			/* of an address */
	socklen_t min_len;
	const char *sysctl;		/* net.NAME */
	const char *any;
	const char *lo, *lo2, *lo3;	/* on the loopback device */
	const char *nonlocal;		/* and without a route to it */
	const char *multicast;
	const char *broadcast;		/* NULL, as the next: there is none */
	const char *lo_broadcast;
	const char *class_e;
};

extern const struct family *fam;
extern int proto;		/* IPPROTO_TCP or IPPROTO_TCPX */
extern int wire;		/* what segments carry: IPPROTO_TCP or IPPROTO_TCPX */
extern int tcp_level;		/* the level at which TCP_* options are set */
extern char *bad;		/* two pages: one mapped, one that faults */

/* report.c: the transcript and the watchdog */
void group_begin(int nr, const char *name);
void group_end(int status, const char *why);
void step(const char *name, long ret);
void step_ev(const char *name, long ret, int events);
void step_buf(const char *name, long ret, const void *buf);
void step_val(const char *name, long ret, long val);
int step_fd(const char *name, int fd);
void step_fmt(const char *name, long ret, const char *ev, const char *fmt, ...);
void step_sockname(const char *name, int fd);
void step_peername(const char *name, int fd);
void step_names(const char *name, int fd);
void check(const char *name, bool ok);
const char *nm(const char *fmt, ...);
const char *ev_str(int events);
const char *addr_str(const union addr *a);
void signals_init(void);
bool took_signal(int sig);
void rearm(int sec);
bool hung(void);

/* family.c: addresses, and sockets for them */
bool family_init(void);
int family_addresses(void);
int sock(void);
int sock_of(int af);
void addr(union addr *a, const char *ip, int port);
socklen_t addr_len(const union addr *a);
int bind_to(int fd, const char *ip, int port);

/* lib.c: sockets, peers, time */
int listener(int backlog, union addr *a);
int listener_on(const char *ip, int backlog, union addr *a);
void nobody_there(union addr *a);
int connect_to(int fd, const union addr *a);
int pair(struct ends *e);
int pair_on(struct ends *e, const char *ip);
void shut(struct ends *e);
int seti(int fd, int level, int opt, int val);
int geti(int fd, int level, int opt);
int so_error(int fd);
int nonblock(int fd, bool on);
int linger(int fd, int sec);
int rcvtimeo(int fd, int ms);
int sndtimeo(int fd, int ms);
int deaf(int fd);
int hearing(int fd);
void hear_again(int fd);
int poll_now(int fd);
int await(int fd, int events);
int inq(int fd);
int outq(int fd);
int outq_empty(int fd);
void sleep_ms(int ms);
long now_ms(void);
void settle(void);
void kick(int ms, int flags);
pid_t later(int ms, void (*fn)(int fd), int fd);
void join(pid_t pid);
void nobody(bool on);
int sysctl_set(const char *path, const char *val);
int tcp_sysctl(const char *name, const char *val);
void pattern(void *buf, size_t off, size_t len);
unsigned int hash(unsigned int h, const void *buf, size_t len);
long drain(int fd, long want, unsigned int *h);
long fill(int fd);
void send_hello(int fd);

/* opt.c: every way to set and get one option */
struct opt {
	const char *name;
	int opt;
	int val[8];		/* set in turn, each read back */
	int nr;			/* how many of them */
};

void opt_values(int fd, int level, const struct opt *o);
void opt_sizes(int fd, int level, const struct opt *o);
void opt_pointers(int fd, int level, const struct opt *o);
void opt_get(const char *name, int fd, int level, int opt, socklen_t len);

/* the groups */
void g_socket(void);
void g_bind(void);
void g_bind_reuse(void);
void g_bind_tw(void);
void g_bind6(void);
void g_port_pairs(void);
void g_port_mixed(void);
void g_port_mapped_any(void);
void g_precedence(void);
void g_precedence_share(void);
void g_precedence_mapped_any(void);
void g_port_changes(void);
void g_port_triples(void);
void g_port_listen(void);
void g_port_vrf(void);
void g_port_tuples(void);
void g_port_auto(void);
void g_connect(void);
void g_connect_err(void);
void g_connect_wait(void);
void g_connect_self(void);
void g_connect_unspec(void);
void g_connect6(void);
void g_dual(void);
void g_listen(void);
void g_accept(void);
void g_backlog(void);
void g_inherit(void);
void g_reuseport(void);
void g_data(void);
void g_block(void);
void g_waitall(void);
void g_full(void);
void g_cork(void);
void g_bulk(void);
void g_msg(void);
void g_iov(void);
void g_cmsg(void);
void g_tstamp(void);
void g_oob(void);
void g_oob_inline(void);
void g_oob_sig(void);
void g_shutdown(void);
void g_close(void);
void g_linger(void);
void g_reset(void);
void g_poll(void);
void g_select(void);
void g_epoll(void);
void g_epoll_et(void);
void g_wake(void);
void g_ready(void);
void g_sol(void);
void g_sol_misc(void);
void g_ip(void);
void g_ip6(void);
void g_ip6_states(void);
void g_ip6_inherit(void);
void g_ip6_addrform(void);
void g_ip6_headers(void);
void g_ip6_labels(void);
void g_ip6_recv(void);
void g_tcp(void);
void g_tcp_own(void);
void g_tcp_conn(void);
void g_tcp_str(void);
void g_cong(void);
void g_tcp_later(void);
void g_repair(void);
void g_repair_calls(void);
void g_repair_move(void);
void g_when(void);
void g_when_probing(void);
void g_info(void);
void g_options(void);
void g_timeouts(void);
void g_ioctl(void);
void g_splice(void);
void g_sendfile(void);
void g_fork(void);
void g_sigio(void);
void g_filter(void);
void g_hostile(void);
void g_hostile_msg(void);
void g_state(int state);
int state_count(void);
const char *state_name(int state);
void state_make(int state, struct ends *e);

#endif /* _DIFF_H */
