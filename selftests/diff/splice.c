// SPDX-License-Identifier: GPL-2.0
/* Groups: splice both ways, and sendfile. */
#include <sys/mman.h>
#include <sys/sendfile.h>

#include "diff.h"

#define BIG	(1024 * 1024)

static char buf[65536];

static void get(const char *name, int fd)
{
	long ret;

	await(fd, POLLIN);
	ret = recv(fd, buf, sizeof(buf), NOW);
	step_buf(name, ret, buf);
}

/* A file with @len bytes of the pattern. */
static int file(long len)
{
	int fd = memfd_create("diff", 0);
	long off;

	for (off = 0; off < len; off += sizeof(buf)) {
		pattern(buf, off, sizeof(buf));
		pwrite(fd, buf, len - off < (long)sizeof(buf) ?
		       (size_t)(len - off) : sizeof(buf), off);
	}
	return fd;
}

static void test_out(void)
{
	struct ends e;
	int p[2], fd;
	loff_t off = 0;

	pipe(p);
	pair(&e);
	write(p[1], "spliced", 7);
	step("out", splice(p[0], NULL, e.fd, NULL, 64, 0));
	get("out-recv", e.peer);
	step("out-empty", splice(p[0], NULL, e.fd, NULL, 64,
				 SPLICE_F_NONBLOCK));
	write(p[1], "more", 4);
	step("out-more", splice(p[0], NULL, e.fd, NULL, 4, SPLICE_F_MORE));
	settle();
	step_ev("out-more-held", 0, poll_now(e.peer) & POLLIN);
	write(p[1], "end", 3);
	step("out-end", splice(p[0], NULL, e.fd, NULL, 3, 0));
	get("out-end-recv", e.peer);
	write(p[1], "x", 1);
	step("out-offset", splice(p[0], NULL, e.fd, &off, 1, 0));
	step("out-flags", splice(p[0], NULL, e.fd, NULL, 1, 0x100));
	step("out-zero", splice(p[0], NULL, e.fd, NULL, 0, 0));
	fill(e.fd);
	nonblock(p[0], true);
	nonblock(e.fd, true);
	step("out-full", splice(p[0], NULL, e.fd, NULL, 1, 0));
	shutdown(e.fd, SHUT_WR);
	write(p[1], "x", 1);
	step("out-shut", splice(p[0], NULL, e.fd, NULL, 1, 0));
	shut(&e);
	fd = sock();
	write(p[1], "x", 1);
	step("out-fresh", splice(p[0], NULL, fd, NULL, 1, 0));
	close(fd);
	close(p[0]);
	close(p[1]);
}

static void test_in(void)
{
	struct ends e;
	union addr a;
	loff_t off = 0;
	long ret;
	int p[2], fd;
	pid_t pid;

	pipe(p);
	pair(&e);
	send_hello(e.peer);
	await(e.fd, POLLIN);
	step("in", splice(e.fd, NULL, p[1], NULL, 3, 0));
	ret = read(p[0], buf, 64);
	step_buf("in-read", ret, buf);
	step("in-rest", splice(e.fd, NULL, p[1], NULL, 64, 0));
	ret = read(p[0], buf, 64);
	step_buf("in-rest-read", ret, buf);
	nonblock(e.fd, true);
	step("in-empty", splice(e.fd, NULL, p[1], NULL, 64, 0));
	nonblock(e.fd, false);
	rcvtimeo(e.fd, 60);
	step("in-timeo", splice(e.fd, NULL, p[1], NULL, 64, 0));
	rcvtimeo(e.fd, 0);
	kick(60, 0);
	step("in-intr", splice(e.fd, NULL, p[1], NULL, 64, 0));
	kick(0, 0);
	step("in-offset", splice(e.fd, &off, p[1], NULL, 1, 0));
	step("in-zero", splice(e.fd, NULL, p[1], NULL, 0, 0));
	pid = later(60, send_hello, e.peer);
	step("in-arrives", splice(e.fd, NULL, p[1], NULL, 64, 0));
	join(pid);
	read(p[0], buf, 64);
	/* The flag is for the pipe: the socket waits */
	pid = later(60, send_hello, e.peer);
	step("in-flag-arrives", splice(e.fd, NULL, p[1], NULL, 64,
				       SPLICE_F_NONBLOCK));
	join(pid);
	read(p[0], buf, 64);
	rcvtimeo(e.fd, 60);
	step("in-flag-timeo", splice(e.fd, NULL, p[1], NULL, 64,
				     SPLICE_F_NONBLOCK));
	rcvtimeo(e.fd, 0);
	send(e.peer, "ab", 2, 0);
	send(e.peer, "!", 1, MSG_OOB);
	send(e.peer, "cd", 2, 0);
	await(e.fd, POLLPRI);
	sleep_ms(100);
	step("in-urgent", splice(e.fd, NULL, p[1], NULL, 64, 0));
	nonblock(e.fd, true);
	step("in-urgent-2", splice(e.fd, NULL, p[1], NULL, 64, 0));
	nonblock(e.fd, false);
	ret = read(p[0], buf, 64);
	step_buf("in-urgent-read", ret, buf);
	shutdown(e.peer, SHUT_WR);
	await(e.fd, POLLRDHUP);
	recv(e.fd, buf, 64, NOW);
	step("in-eof", splice(e.fd, NULL, p[1], NULL, 64, 0));
	step("in-eof-again", splice(e.fd, NULL, p[1], NULL, 64, 0));
	shut(&e);
	pair(&e);
	linger(e.peer, 0);
	close(e.peer);
	e.peer = -1;
	await(e.fd, POLLERR);
	step("in-reset", splice(e.fd, NULL, p[1], NULL, 64, 0));
	step("in-reset-again", splice(e.fd, NULL, p[1], NULL, 64, 0));
	shut(&e);
	fd = sock();
	step("in-fresh", splice(fd, NULL, p[1], NULL, 64, 0));
	close(fd);
	fd = listener(1, &a);
	step("in-listen", splice(fd, NULL, p[1], NULL, 64, 0));
	close(fd);
	close(p[0]);
	close(p[1]);
}

static void send_big(int fd)
{
	int in = file(BIG), p[2];
	loff_t off = 0;
	long n;

	pipe(p);
	while (off < BIG) {
		n = splice(in, &off, p[1], NULL, 65536, 0);
		while (n > 0) {
			long m = splice(p[0], NULL, fd, NULL, n, 0);

			if (m <= 0)
				_exit(1);
			n -= m;
		}
		if (n < 0)
			_exit(1);
	}
	_exit(0);
}

static unsigned int whole_hash(void)
{
	unsigned int h = 0;
	long off;

	for (off = 0; off < BIG; off += sizeof(buf)) {
		pattern(buf, off, sizeof(buf));
		h = hash(h, buf, sizeof(buf));
	}
	return h;
}

static void test_big(void)
{
	unsigned int want = whole_hash(), got = 0;
	long total = 0, n, m;
	struct ends e;
	int p[2];
	pid_t pid;

	pipe(p);
	pair(&e);
	pid = later(0, send_big, e.peer);
	while (total < BIG && !hung()) {
		n = splice(e.fd, NULL, p[1], NULL, sizeof(buf), 0);
		if (n <= 0)
			break;
		for (total += n; n > 0; n -= m) {
			m = read(p[0], buf, n);
			if (m <= 0)
				break;
			got = hash(got, buf, m);
		}
	}
	step("big", total);
	check("big-intact", got == want);
	join(pid);
	shut(&e);
	close(p[0]);
	close(p[1]);
}

void g_splice(void)
{
	test_out();
	test_in();
	test_big();
}

static void send_file(int fd)
{
	int in = file(BIG);
	off_t off = 0;

	while (off < BIG)
		if (sendfile(fd, in, &off, BIG) <= 0)
			_exit(1);
	_exit(0);
}

void g_sendfile(void)
{
	unsigned int want = whole_hash(), got = 0;
	struct ends e;
	off_t off = 5;
	pid_t pid;
	int fd = file(20), s;

	pair(&e);
	step("all", sendfile(e.fd, fd, NULL, 20));
	get("all-recv", e.peer);
	step("at-end", sendfile(e.fd, fd, NULL, 20));
	step("offset", sendfile(e.fd, fd, &off, 3));
	step_val("offset-after", 0, off);
	get("offset-recv", e.peer);
	step("past", sendfile(e.fd, fd, &off, 100));
	get("past-recv", e.peer);
	step("zero", sendfile(e.fd, fd, &off, 0));
	off = -1;
	step("offset-negative", sendfile(e.fd, fd, &off, 1));
	step("offset-fault", sendfile(e.fd, fd, (void *)bad, 1));
	off = 0;
	step("from-socket", sendfile(fd, e.fd, NULL, 1));
	step("to-nothing", sendfile(-1, fd, &off, 1));
	step("copy-file-range", copy_file_range(fd, &off, e.fd, NULL, 1, 0));
	nonblock(e.fd, true);
	fill(e.fd);
	off = 0;
	step("full", sendfile(e.fd, fd, &off, 1));
	shutdown(e.fd, SHUT_WR);
	step("shut", sendfile(e.fd, fd, &off, 1));
	shut(&e);
	s = sock();
	step("fresh", sendfile(s, fd, &off, 1));
	close(s);
	pair(&e);
	linger(e.peer, 0);
	close(e.peer);
	e.peer = -1;
	await(e.fd, POLLERR);
	step("reset", sendfile(e.fd, fd, &off, 1));
	step("reset-again", sendfile(e.fd, fd, &off, 1));
	shut(&e);
	close(fd);
	pair(&e);
	pid = later(0, send_file, e.peer);
	step("big", drain(e.fd, BIG, &got));
	check("big-intact", got == want);
	join(pid);
	shut(&e);
}
