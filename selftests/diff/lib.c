// SPDX-License-Identifier: GPL-2.0
/* Sockets, peers and time for the groups. */
#include <linux/filter.h>
#include <linux/sockios.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "diff.h"

#define AWAIT_MS	8000
#define FULL_MS		300	/* every delayed ACK has come by then */

/* A listener on @ip, its address in @a. */
int listener_on(const char *ip, int backlog, union addr *a)
{
	socklen_t len = sizeof(*a);
	int fd;

	addr(a, ip, 0);
	fd = sock_of(a->sa.sa_family);
	if (fd < 0 || bind(fd, &a->sa, addr_len(a)) || listen(fd, backlog) ||
	    getsockname(fd, &a->sa, &len)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* A listener on loopback. */
int listener(int backlog, union addr *a)
{
	return listener_on(fam->lo, backlog, a);
}

/* A closed port; not an ephemeral one, or connect() might choose it for itself. */
void nobody_there(union addr *a)
{
	addr(a, fam->lo, PORT + 99);
}

int connect_to(int fd, const union addr *a)
{
	return connect(fd, &a->sa, addr_len(a));
}

/* A connection over @ip; its listener is closed. */
int pair_on(struct ends *e, const char *ip)
{
	e->fd = -1;
	e->peer = -1;
	e->lfd = listener_on(ip, 8, &e->to);
	if (e->lfd < 0)
		return -1;
	e->fd = sock_of(e->to.sa.sa_family);
	if (!connect_to(e->fd, &e->to))
		e->peer = accept(e->lfd, NULL, NULL);
	close(e->lfd);
	e->lfd = -1;
	return e->peer < 0 ? -1 : 0;
}

/* A connection over loopback. */
int pair(struct ends *e)
{
	return pair_on(e, fam->lo);
}

void shut(struct ends *e)
{
	if (e->fd >= 0)
		close(e->fd);
	if (e->peer >= 0)
		close(e->peer);
	if (e->lfd >= 0)
		close(e->lfd);
}

/* An option's place: what the family calls FAM_TTL, or @level and @opt as they are. */
static void place(int *level, int *opt)
{
	if (*level != SOL_FAMILY)
		return;
	*level = fam->level;
	*opt = fam->opt[*opt];
}

int seti(int fd, int level, int opt, int val)
{
	place(&level, &opt);
	return setsockopt(fd, level, opt, &val, sizeof(val));
}

int geti(int fd, int level, int opt)
{
	socklen_t len = sizeof(int);
	int val = 0;

	place(&level, &opt);
	return getsockopt(fd, level, opt, &val, &len) ? -1 : val;
}

int so_error(int fd)
{
	return geti(fd, SOL_SOCKET, SO_ERROR);
}

int nonblock(int fd, bool on)
{
	int fl = fcntl(fd, F_GETFL);

	return fcntl(fd, F_SETFL, on ? fl | O_NONBLOCK : fl & ~O_NONBLOCK);
}

int linger(int fd, int sec)
{
	struct linger l = { .l_onoff = 1, .l_linger = sec };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

static int timeo(int fd, int opt, int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	return setsockopt(fd, SOL_SOCKET, opt, &tv, sizeof(tv));
}

int rcvtimeo(int fd, int ms)
{
	return timeo(fd, SO_RCVTIMEO, ms);
}

int sndtimeo(int fd, int ms)
{
	return timeo(fd, SO_SNDTIMEO, ms);
}

/* From now on @fd loses all that comes: its peer speaks to a dead host. */
int deaf(int fd)
{
	struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = { 1, &none };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			  sizeof(prog));
}

int hearing(int fd)
{
	return seti(fd, SOL_SOCKET, SO_DETACH_FILTER, 0);
}

void hear_again(int fd)
{
	hearing(fd);
}

/* Every event that is there now. */
int poll_now(int fd)
{
	struct pollfd p = {
		.fd = fd,
		.events = POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLRDBAND |
			  POLLWRNORM | POLLWRBAND | POLLMSG | POLLRDHUP,
	};

	return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

/* Waits until one of @events is there; gives every event, or -1. */
int await(int fd, int events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, AWAIT_MS) == 1 ? poll_now(fd) : -1;
}

int inq(int fd)
{
	int n;

	return ioctl(fd, SIOCINQ, &n) ? -1 : n;
}

int outq(int fd)
{
	int n;

	return ioctl(fd, SIOCOUTQ, &n) ? -1 : n;
}

/* Waits until the peer has acknowledged all. */
int outq_empty(int fd)
{
	int i;

	for (i = 0; i < AWAIT_MS / 10 && outq(fd) > 0; i++)
		sleep_ms(10);
	return outq(fd);
}

/* Sleeps through every signal. */
void sleep_ms(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Long enough for loopback to deliver, too short for any TCP timer. */
void settle(void)
{
	sleep_ms(3);
}

/* SIGUSR1 each @ms, its handler installed with @flags; 0 ends it. */
void kick(int ms, int flags)
{
	static timer_t timer;
	static bool made;
	struct sigevent ev = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGUSR1,
	};
	struct itimerspec it = {
		.it_value = { ms / 1000, ms % 1000 * 1000000L },
	};
	struct sigaction sa;

	it.it_interval = it.it_value;
	sigaction(SIGUSR1, NULL, &sa);
	sa.sa_flags = flags;
	if (!made)
		timer_create(CLOCK_MONOTONIC, &ev, &timer);
	made = true;
	if (ms)
		sigaction(SIGUSR1, &sa, NULL);
	timer_settime(timer, 0, &it, NULL);
}

/* Calls @fn in a child after @ms, for what must happen while we block. */
pid_t later(int ms, void (*fn)(int fd), int fd)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sleep_ms(ms);
	fn(fd);
	_exit(0);
}

void join(pid_t pid)
{
	if (waitpid(pid, NULL, 0) == pid)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Without capabilities, and back. */
void nobody(bool on)
{
	if (seteuid(on ? 65534 : 0))
		exit(4);
}

int sysctl_set(const char *path, const char *val)
{
	char name[128];
	int fd, n;

	snprintf(name, sizeof(name), "/proc/sys/net/%s", path);
	fd = open(name, O_WRONLY);
	if (fd < 0)
		return -1;
	n = write(fd, val, strlen(val));
	close(fd);
	return n < 0 ? -1 : 0;
}

/* The sysctl that is net.ipv4.tcp_NAME for TCP and net.tcpx.NAME for tcpx. */
int tcp_sysctl(const char *name, const char *val)
{
	if (proto == IPPROTO_TCP)
		return sysctl_set(nm("ipv4/tcp_%s", name), val);
	return sysctl_set(nm("tcpx/%s", name), val);
}

/* Bytes @off … of an endless stream that never repeats with a power of 2. */
void pattern(void *buf, size_t off, size_t len)
{
	unsigned char *p = buf;
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = (off + i) % 251 + (off + i) / 65521;
}

/* FNV-1a, continued from @h; 0 starts. */
unsigned int hash(unsigned int h, const void *buf, size_t len)
{
	const unsigned char *p = buf;
	size_t i;

	if (!h)
		h = 2166136261u;
	for (i = 0; i < len; i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

/* Reads @want bytes, or to the end of the stream; their hash in @h. */
long drain(int fd, long want, unsigned int *h)
{
	static char buf[65536];
	long got = 0;
	ssize_t n;

	while (got < want && !hung()) {
		n = recv(fd, buf, want - got < (long)sizeof(buf) ?
			 (size_t)(want - got) : sizeof(buf), 0);
		if (n <= 0)
			break;
		if (h)
			*h = hash(*h, buf, n);
		got += n;
	}
	return got;
}

/* Sends the pattern until nothing more fits; gives the bytes taken. */
long fill(int fd)
{
	char buf[16384];
	long sent = 0;
	int full = 0;
	ssize_t n;

	while (full < 2 && !hung()) {
		pattern(buf, sent, sizeof(buf));
		n = send(fd, buf, sizeof(buf), NOW);
		if (n > 0) {
			sent += n;
			full = 0;
		} else {
			full++;
			sleep_ms(FULL_MS);
		}
	}
	return sent;
}

void send_hello(int fd)
{
	send(fd, "hello", 5, NOW);
}
