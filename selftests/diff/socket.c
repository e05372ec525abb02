// SPDX-License-Identifier: GPL-2.0
/* Groups: making a socket, and what a fresh one says. */
#include <sys/mman.h>
#include <sys/stat.h>

#include "diff.h"

static void one(const char *name, int family, int type)
{
	int fd = socket(family, type, proto);

	step_fd(name, fd);
	close(fd);
}

static void kinds(void)
{
	int fd;

	one("inet-stream", AF_INET, SOCK_STREAM);
	one("inet6-stream", AF_INET6, SOCK_STREAM);
	one("inet-dgram", AF_INET, SOCK_DGRAM);
	one("inet6-dgram", AF_INET6, SOCK_DGRAM);
	one("inet-seqpacket", AF_INET, SOCK_SEQPACKET);
	one("inet-rdm", AF_INET, SOCK_RDM);
	one("inet-raw", AF_INET, SOCK_RAW);
	one("unix-stream", AF_UNIX, SOCK_STREAM);
	one("type-flag-unknown", AF_INET, SOCK_STREAM | 0x10000000);
	one("type-zero", AF_INET, 0);
	one("family-negative", -1, SOCK_STREAM);
	nobody(true);
	one("nobody-stream", fam->af, SOCK_STREAM);
	one("nobody-raw", fam->af, SOCK_RAW);
	nobody(false);
	fd = socket(fam->af, SOCK_STREAM | SOCK_NONBLOCK, proto);
	step_val("nonblock", 0, !!(fcntl(fd, F_GETFL) & O_NONBLOCK));
	close(fd);
	fd = socket(fam->af, SOCK_STREAM | SOCK_CLOEXEC, proto);
	step_val("cloexec", 0, !!(fcntl(fd, F_GETFD) & FD_CLOEXEC));
	close(fd);
}

static void names(int fd)
{
	socklen_t len = sizeof(union addr);
	union addr a;
	long ret;

	ret = getsockname(fd, &a.sa, &len);
	step_fmt("getsockname", ret, "-", "%s len=%u", addr_str(&a), len);
	ret = getpeername(fd, &a.sa, &len);
	step("getpeername", ret);
}

static void files(int fd)
{
	struct stat st;
	char c = 0;
	long ret;
	void *p;

	ret = fstat(fd, &st);
	step_val("fstat-is-socket", ret, S_ISSOCK(st.st_mode));
	step("lseek", lseek(fd, 0, SEEK_SET));
	step("pread", pread(fd, &c, 1, 0));
	step("pwrite", pwrite(fd, &c, 1, 0));
	step("ftruncate", ftruncate(fd, 0));
	step("fsync", fsync(fd));
	step("fallocate", fallocate(fd, 0, 0, 1));
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	step("mmap-write", p == MAP_FAILED ? -1 : 0);
	p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	step("mmap-read", p == MAP_FAILED ? -1 : 0);
}

void g_socket(void)
{
	int fd, sv[2];

	kinds();
	step("socketpair", socketpair(fam->af, SOCK_STREAM, proto, sv));
	fd = sock();
	step_val("type", 0, geti(fd, SOL_SOCKET, SO_TYPE));
	step_val("domain", 0, geti(fd, SOL_SOCKET, SO_DOMAIN));
	step_val("protocol", 0, geti(fd, SOL_SOCKET, SO_PROTOCOL));
	step_val("acceptconn", 0, geti(fd, SOL_SOCKET, SO_ACCEPTCONN));
	step_val("error", 0, so_error(fd));
	names(fd);
	step_ev("poll", 0, poll_now(fd));
	files(fd);
	step("close", close(fd));
	step("close-again", close(fd));
	step("use-closed", listen(fd, 1));
	fd = sock_of(AF_INET6);
	step_val("domain6", 0, geti(fd, SOL_SOCKET, SO_DOMAIN));
	close(fd);
	fd = open("/dev/null", O_RDWR);
	step("not-a-socket", listen(fd, 1));
	close(fd);
}
