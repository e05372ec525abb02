// SPDX-License-Identifier: GPL-2.0
/*
 * diff PROTOCOL [GROUP…]: the transcript of one protocol, "tcp" or "tcpx", with
 * the family that $TCPX_IP names; tcpx under the protocol number that $TCPX_WIRE names.
 * Needs CAP_SYS_ADMIN and CAP_NET_ADMIN, for the network namespaces.
 */
#include <net/if.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "diff.h"

#define GROUP_SECONDS	300
#define UPTIME_MS	2000

int proto;
int wire;
int tcp_level = SOL_TCP;
char *bad;

static const struct {
	const char *name;
	void (*fn)(void);
	const char *family;	/* the only one that it is for, or NULL */
} groups[] = {
	{ "socket", g_socket },
	{ "bind", g_bind },
	{ "bind-reuse", g_bind_reuse },
	{ "bind-tw", g_bind_tw },
	{ "bind6", g_bind6, "6" },
	{ "port-pairs", g_port_pairs },
	{ "port-mixed", g_port_mixed, "6" },
	{ "port-mapped-any", g_port_mapped_any, "6" },
	{ "precedence", g_precedence, "6" },
	{ "precedence-share", g_precedence_share, "6" },
	{ "precedence-mapped-any", g_precedence_mapped_any, "6" },
	{ "port-changes", g_port_changes },
	{ "port-triples", g_port_triples },
	{ "port-listen", g_port_listen },
	{ "port-vrf", g_port_vrf },
	{ "port-tuples", g_port_tuples },
	{ "port-auto", g_port_auto },
	{ "connect", g_connect },
	{ "connect-err", g_connect_err },
	{ "connect-wait", g_connect_wait },
	{ "connect-self", g_connect_self },
	{ "connect-unspec", g_connect_unspec },
	{ "connect6", g_connect6, "6" },
	{ "dual", g_dual, "6" },
	{ "listen", g_listen },
	{ "accept", g_accept },
	{ "backlog", g_backlog },
	{ "inherit", g_inherit },
	{ "reuseport", g_reuseport },
	{ "data", g_data },
	{ "block", g_block },
	{ "waitall", g_waitall },
	{ "full", g_full },
	{ "cork", g_cork },
	{ "bulk", g_bulk },
	{ "msg", g_msg },
	{ "iov", g_iov },
	{ "cmsg", g_cmsg },
	{ "tstamp", g_tstamp },
	{ "oob", g_oob },
	{ "oob-inline", g_oob_inline },
	{ "oob-sig", g_oob_sig },
	{ "shutdown", g_shutdown },
	{ "close", g_close },
	{ "linger", g_linger },
	{ "reset", g_reset },
	{ "poll", g_poll },
	{ "select", g_select },
	{ "epoll", g_epoll },
	{ "epoll-et", g_epoll_et },
	{ "wake", g_wake },
	{ "ready", g_ready },
	{ "sol", g_sol },
	{ "sol-misc", g_sol_misc },
	{ "ip", g_ip },
	{ "ip6", g_ip6, "6" },
	{ "ip6-states", g_ip6_states, "6" },
	{ "ip6-inherit", g_ip6_inherit, "6" },
	{ "ip6-addrform", g_ip6_addrform, "6" },
	{ "ip6-headers", g_ip6_headers, "6" },
	{ "ip6-labels", g_ip6_labels, "6" },
	{ "ip6-recv", g_ip6_recv, "6" },
	{ "tcp", g_tcp },
	{ "tcp-own", g_tcp_own },
	{ "tcp-conn", g_tcp_conn },
	{ "tcp-str", g_tcp_str },
	{ "cong", g_cong },
	{ "tcp-later", g_tcp_later },
	{ "repair", g_repair },
	{ "repair-calls", g_repair_calls },
	{ "repair-move", g_repair_move },
	{ "when", g_when },
	{ "when-probing", g_when_probing },
	{ "info", g_info },
	{ "options", g_options },
	{ "timeouts", g_timeouts },
	{ "ioctl", g_ioctl },
	{ "splice", g_splice },
	{ "sendfile", g_sendfile },
	{ "fork", g_fork },
	{ "sigio", g_sigio },
	{ "filter", g_filter },
	{ "hostile", g_hostile },
	{ "hostile-msg", g_hostile_msg },
};

/* A page that can be used and one that faults, in this order. */
static char *two_pages(void)
{
	long size = sysconf(_SC_PAGESIZE);
	char *p;

	p = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || mprotect(p + size, size, PROT_NONE))
		exit(2);
	return p + size;
}

/* Loopback with Ethernet's MTU: segments are many, and of the usual size. */
static int lo_up(void)
{
	struct ifreq mtu = { .ifr_name = "lo", .ifr_mtu = 1500 };
	struct ifreq up = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int ret;

	ret = ioctl(fd, SIOCSIFMTU, &mtu);
	if (!ret)
		ret = ioctl(fd, SIOCSIFFLAGS, &up);
	close(fd);
	return ret;
}

/* What the machine's defaults are must not show. */
static void namespace_init(void)
{
	if (unshare(CLONE_NEWNET) || lo_up() || family_addresses()) {
		perror("diff: network namespace");
		_exit(2);
	}
	sysctl_set("ipv4/tcp_congestion_control", "reno");
	sysctl_set("tcpx/congestion_control", "reno");
	sysctl_set("tcpx/wire_protocol", nm("%d", wire));
	sysctl_set("ipv4/tcp_rmem", "4096 131072 6291456");
	sysctl_set("ipv4/tcp_wmem", "4096 16384 4194304");
	sysctl_set("tcpx/rmem", "4096 131072 6291456");
	sysctl_set("tcpx/wmem", "4096 16384 4194304");
}

static void run_child(size_t nr, const char *name)
{
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signals_init();
	namespace_init();
	group_begin(nr, name);
	if (nr < ARRAY_SIZE(groups))
		groups[nr].fn();
	else
		g_state(nr - ARRAY_SIZE(groups));
	_exit(0);
}

/* The group in a child of its own; what hangs or dies in it ends there. */
static void run_group(size_t nr, const char *name, const sigset_t *chld)
{
	struct timespec limit = { .tv_sec = GROUP_SECONDS };
	const char *why = "-";
	int status = 0;
	pid_t pid;

	pid = fork();
	if (!pid)
		run_child(nr, name);
	setpgid(pid, pid);
	group_begin(nr, name);
	rearm(0);
	if (sigtimedwait(chld, NULL, &limit) < 0)
		why = "TIMEOUT";
	kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (*why == '-' && status)
		why = "DIED";
	group_end(status, why);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		exit(2);
}

static bool wanted(size_t nr, const char *name, int argc, char **argv)
{
	int i;

	if (nr < ARRAY_SIZE(groups) && groups[nr].family &&
	    strcmp(groups[nr].family, fam->name))
		return false;
	for (i = 2; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc == 2;
}

int main(int argc, char **argv)
{
	const char *name;
	sigset_t chld;
	size_t i;

	if (argc > 1 && !strcmp(argv[1], "tcp"))
		proto = IPPROTO_TCP;
	else if (argc > 1 && !strcmp(argv[1], "tcpx"))
		proto = IPPROTO_TCPX;
	if (!proto || !family_init()) {
		fprintf(stderr, "usage: TCPX_IP=4|6|mapped diff tcp|tcpx [GROUP...]\n");
		return 2;
	}
	wire = proto == IPPROTO_TCP ? proto : atoi(getenv("TCPX_WIRE") ?: nm("%d", proto));
	/* In a machine's first second a time stamp of 0 means none */
	if (now_ms() < UPTIME_MS)
		sleep_ms(UPTIME_MS);
	/* Where time is virtual, it runs while a page is read from a file */
	mlockall(MCL_CURRENT);
	bad = two_pages();
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	for (i = 0; i < ARRAY_SIZE(groups) + state_count(); i++) {
		name = i < ARRAY_SIZE(groups) ? groups[i].name :
		       state_name(i - ARRAY_SIZE(groups));
		if (wanted(i, name, argc, argv))
			run_group(i, name, &chld);
	}
	return 0;
}
