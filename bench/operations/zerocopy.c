// SPDX-License-Identifier: GPL-2.0
/* Streams whose bytes the program does not copy. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/tcp.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "../../uapi/tcpx.h"
#include "ops.h"

#define ROOM	(1 << 20)

/* --- sendfile() ------------------------------------------------------------ */

static int file = -1;

/* In memory. */
void prepare_file(struct run *run)
{
	if (fcntl(run->client, F_SETFL, O_NONBLOCK))
		die("O_NONBLOCK");
	file = memfd_create("file", MFD_CLOEXEC);
	if (file < 0 || write(file, buffer, BUFFER) != BUFFER)
		die("memfd");
}

int write_file(struct run *run, int length)
{
	off_t at = 0;

	return some("sendfile", sendfile(run->client, file, &at, length));
}

/* --- splice() -------------------------------------------------------------- */

static int ends[2], nowhere;

void prepare_splice(struct run *run)
{
	(void)run;
	nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (nowhere < 0 || pipe2(ends, O_CLOEXEC) || fcntl(ends[0], F_SETPIPE_SZ, ROOM) < 0)
		die("pipe");
}

int read_splice(struct run *run)
{
	int done = some("splice", splice(run->server, NULL, ends[1], NULL, BUFFER,
					 SPLICE_F_NONBLOCK));

	for (int left = done; left; )
		left -= some("splice", splice(ends[0], NULL, nowhere, NULL, left, 0));
	return done;
}

/* --- MSG_ZEROCOPY ---------------------------------------------------------- */

void prepare_pinned(struct run *run)
{
	int one = 1;

	if (!setsockopt(run->client, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		return;
	/* Before 6.7 the kernel lets only TCP and UDP have it */
	if (run->stack->protocol != IPPROTO_TCPX ||
	    setsockopt(run->client, SOL_TCPX, TCPX_ZEROCOPY, &one, sizeof(one)))
		cannot();
}

/* The pages may be used again when the error queue says so. */
static void take_notices(struct run *run)
{
	char control[128];
	struct msghdr message;

	do {
		message = (struct msghdr){ .msg_control = control,
					   .msg_controllen = sizeof(control) };
	} while (recvmsg(run->client, &message, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0);
	if (errno != EAGAIN)
		die("MSG_ERRQUEUE");
}

int write_pinned(struct run *run, int length)
{
	int done = some("send", send(run->client, buffer, length,
				     MSG_NOSIGNAL | MSG_DONTWAIT | MSG_ZEROCOPY));

	take_notices(run);
	return done;
}

/* --- TCP_ZEROCOPY_RECEIVE -------------------------------------------------- */

static void *window;
static int in_pipe;

/* The pages of a pipe are nobody's else, and can be mapped; those of a file can't. */
void prepare_mapped(struct run *run)
{
	prepare_splice(run);
	if (fcntl(run->client, F_SETFL, O_NONBLOCK))
		die("O_NONBLOCK");
	window = mmap(NULL, ROOM, PROT_READ, MAP_SHARED, run->server, 0);
	if (window == MAP_FAILED)
		cannot();
}

int write_pages(struct run *run, int length)
{
	int done;

	if (!in_pipe) {
		if (write(ends[1], buffer, length) != length)
			die("pipe");
		in_pipe = length;
	}
	done = some("splice", splice(ends[0], NULL, run->client, NULL, in_pipe, 0));
	in_pipe -= done;
	return done;
}

/* What is not a whole page is copied; a socket that copies all of it can't map. */
int read_mapped(struct run *run)
{
	struct tcp_zerocopy_receive request = { .address = (uintptr_t)window, .length = ROOM };
	socklen_t length = sizeof(request);
	static long mapped, copied;
	int done = 0;

	if (getsockopt(run->server, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, &request, &length))
		die("TCP_ZEROCOPY_RECEIVE");
	if (request.recv_skip_hint)
		done = some("recv", recv(run->server, buffer, request.recv_skip_hint,
					 MSG_DONTWAIT));
	mapped += request.length;
	copied += done;
	if (!mapped && copied > 8 * ROOM)
		cannot();
	return request.length + done;
}
