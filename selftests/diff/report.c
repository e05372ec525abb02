// SPDX-License-Identifier: GPL-2.0
/*
 * The transcript: one line a step, "GG.SSS group/step: ret errno events bytes",
 * nothing in it that changes from run to run.
 *
 * A watchdog signal comes when a step has taken too long, and again each
 * second after: the call that hangs returns EINTR, and the line says HANG.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/time.h>

#include "diff.h"

#define STEP_SECONDS	10
#define SHOWN		48	/* longer data are shown by their hash */

static atomic_int alarms;
static atomic_int seen[NSIG];
static const char *group;
static int group_nr;
static int step_nr;

static void on_alarm(int sig)
{
	(void)sig;
	atomic_fetch_add(&alarms, 1);
}

static void on_signal(int sig)
{
	atomic_fetch_add(&seen[sig], 1);
}

/* Counts the signals that the steps look at, and arms the watchdog's. */
void signals_init(void)
{
	static const int counted[] = {
		SIGPIPE, SIGIO, SIGURG, SIGUSR1, SIGUSR2
	};
	struct sigaction sa = { .sa_handler = on_signal };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counted); i++)
		sigaction(counted[i], &sa, NULL);
	sa.sa_handler = on_alarm;
	sigaction(SIGALRM, &sa, NULL);
}

/* Whether @sig came since the last call. */
bool took_signal(int sig)
{
	return atomic_exchange(&seen[sig], 0) > 0;
}

/* The watchdog bites in @sec seconds, and each second from then on. */
void rearm(int sec)
{
	struct itimerval it = {
		.it_interval.tv_sec = 1,
		.it_value.tv_sec = sec,
	};

	atomic_store(&alarms, 0);
	setitimer(ITIMER_REAL, &it, NULL);
}

/* Whether the watchdog bit since it was last armed. */
bool hung(void)
{
	return atomic_load(&alarms) > 0;
}

void group_begin(int nr, const char *name)
{
	group = name;
	group_nr = nr;
	step_nr = 0;
	rearm(STEP_SECONDS);
}

void group_end(int status, const char *why)
{
	dprintf(STDOUT_FILENO, "%02d.999 %s/end: %d - %s -\n", group_nr, group,
		status, why);
}

static void emit(const char *name, long ret, int err, const char *ev,
		 const char *bytes)
{
	bool pipe_sig = took_signal(SIGPIPE);
	const char *e = "-";
	char line[512];
	int n;

	if (hung())
		e = "HANG";
	else if (ret == -1)
		e = strerrorname_np(err);
	if (!e)
		e = "E?";
	n = snprintf(line, sizeof(line), "%02d.%03d %s/%s: %ld %s %s%s %s\n",
		     group_nr, ++step_nr, group, name, ret, e, ev,
		     pipe_sig ? "+SIGPIPE" : "", bytes);
	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	if (write(STDOUT_FILENO, line, n) != n)
		_exit(3);
	rearm(STEP_SECONDS);
}

/* A formatted step name; valid until eight more were made. */
const char *nm(const char *fmt, ...)
{
	static char names[8][80];
	static int next;
	char *s = names[next++ % 8];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(names[0]), fmt, ap);
	va_end(ap);
	return s;
}

/* The names of poll's bits, as in "IN|RDNORM". */
const char *ev_str(int events)
{
	static const struct {
		int bit;
		const char *name;
	} bits[] = {
		{ POLLIN, "IN" }, { POLLPRI, "PRI" }, { POLLOUT, "OUT" },
		{ POLLERR, "ERR" }, { POLLHUP, "HUP" }, { POLLNVAL, "NVAL" },
		{ POLLRDNORM, "RDNORM" }, { POLLRDBAND, "RDBAND" },
		{ POLLWRNORM, "WRNORM" }, { POLLWRBAND, "WRBAND" },
		{ POLLMSG, "MSG" }, { POLLRDHUP, "RDHUP" },
	};
	static char out[128];
	size_t i, n = 0;

	strcpy(out, "none");
	for (i = 0; i < ARRAY_SIZE(bits); i++)
		if (events & bits[i].bit)
			n += snprintf(out + n, sizeof(out) - n, "%s%s",
				      n ? "|" : "", bits[i].name);
	return out;
}

/* An address without what is random in it: an ephemeral port is "eph". */
const char *addr_str(const union addr *a)
{
	char ip[INET6_ADDRSTRLEN] = "?";
	static char out[96];
	char port[8], more[40] = "";
	int nr;

	switch (a->sa.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &a->in.sin_addr, ip, sizeof(ip));
		nr = ntohs(a->in.sin_port);
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &a->in6.sin6_addr, ip, sizeof(ip));
		nr = ntohs(a->in6.sin6_port);
		if (a->in6.sin6_scope_id)
			snprintf(more, sizeof(more), "%%%u", a->in6.sin6_scope_id);
		if (a->in6.sin6_flowinfo)
			snprintf(more + strlen(more), sizeof(more) - strlen(more), "+%#x",
				 ntohl(a->in6.sin6_flowinfo));
		break;
	default:
		snprintf(out, sizeof(out), "family-%d", a->sa.sa_family);
		return out;
	}
	snprintf(port, sizeof(port), "%d", nr);
	snprintf(out, sizeof(out), "%s%s/%s", ip, more,
		 nr >= 32768 && nr <= 60999 ? "eph" : port);
	return out;
}

void step(const char *name, long ret)
{
	emit(name, ret, errno, "-", "-");
}

void step_ev(const char *name, long ret, int events)
{
	emit(name, ret, errno, events < 0 ? "timeout" : ev_str(events), "-");
}

void step_val(const char *name, long ret, long val)
{
	int err = errno;
	char s[24] = "-";

	if (ret != -1)
		snprintf(s, sizeof(s), "%ld", val);
	emit(name, ret, err, "-", s);
}

/* A call that returned @ret bytes in @buf. */
void step_buf(const char *name, long ret, const void *buf)
{
	const unsigned char *p = buf;
	char s[4 * SHOWN + 16] = "-";
	int err = errno;
	size_t n = 0;
	long i;

	if (ret > SHOWN)
		snprintf(s, sizeof(s), "#%08x", hash(0, buf, ret));
	else
		for (i = 0; i < ret; i++)
			n += snprintf(s + n, sizeof(s) - n,
				      isalnum(p[i]) ? "%c" : "\\x%02x", p[i]);
	emit(name, ret, err, "-", s);
}

/* A descriptor: its number is not shown. */
int step_fd(const char *name, int fd)
{
	emit(name, fd < 0 ? fd : 0, errno, "-", fd < 0 ? "-" : "fd");
	return fd;
}

void step_fmt(const char *name, long ret, const char *ev, const char *fmt, ...)
{
	int err = errno;
	char s[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	emit(name, ret, err, ev, *s ? s : "-");
}

static void step_addr(const char *name, int ret, const union addr *a)
{
	step_fmt(name, ret, "-", "%s", addr_str(a));
}

void step_sockname(const char *name, int fd)
{
	socklen_t len = sizeof(union addr);
	union addr a = {};
	int ret = getsockname(fd, &a.sa, &len);

	step_addr(name, ret, &a);
}

void step_peername(const char *name, int fd)
{
	socklen_t len = sizeof(union addr);
	union addr a = {};
	int ret = getpeername(fd, &a.sa, &len);

	step_addr(name, ret, &a);
}

void step_names(const char *name, int fd)
{
	step_sockname(nm("%s-sockname", name), fd);
	step_peername(nm("%s-peername", name), fd);
}

/* A property that both transcripts must have, not only share. */
void check(const char *name, bool ok)
{
	emit(name, ok, 0, "-", ok ? "yes" : "no");
}
