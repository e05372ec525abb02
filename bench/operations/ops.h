/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bench/ops: what an operation costs over one stack and over another, in instructions
 * of the machine, and what an object of theirs takes of the kernel's memory.
 *
 * main.c	runs workloads, each in a process of its own
 * workloads.c	the table of them
 * stack.c	which stacks there are, and what differs between their sockets
 * network.c	the namespaces, devices and sysctls that a workload finds
 * count.c	instructions
 * memory.c	bytes
 * ends.c	both ends of a connection, in this process
 * peer.c	the other end of a connection, segment by segment, behind a tun device
 * inject.c	what is received from there, and what that costs
 * stream.c zerocopy.c request.c crowd.c ack.c listener.c	what the workloads do
 * scale.c	what those of bench/scale do
 * native.c	what those of bench/native do
 */
#ifndef _BENCH_OPS_H
#define _BENCH_OPS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <netinet/in.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define PORT		5001
#define BUFFER		(1 << 20)
#define DEEP_BACKLOG	(1 << 21)
/* The status of a process whose stack can't do what was asked for. */
#define STATUS_CANNOT	77

struct run;

/* --- stack.c --------------------------------------------------------------- */

/* What a stack has; a workload says what it needs. */
enum {
	HAS_IP		= 1,		/* goes over a device */
	HAS_TCP		= 2,		/* its segments are TCP's */
};

struct stack {
	const char *name;
	int family;
	int protocol;			/* socket()'s */
	int wire;			/* in the IP header */
	int has;
	int nodelay_level, nodelay_option;
};

union address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
	struct sockaddr_storage room;
};

/* Which of two hosts, where there are two; loopback is both. */
enum { NEAR, FAR, HOSTS };

extern const struct stack stacks[];
extern const int stack_count;

const struct stack *find_stack(const char *name);
socklen_t stack_address(const struct stack *stack, union address *address, int host, int port);
int new_socket(const struct stack *stack);
void set_nodelay(const struct stack *stack, int fd);

/* --- network.c ------------------------------------------------------------- */

struct network {
	enum { LOOPBACK, VETH, TUN } kind;
	int mtu;
	const char *offload;		/* ethtool's words, for both ends */
	int gso_max_segs;
	const char *then;		/* a command, at the near host */
};

void network_up(const struct network *network);
void enter_host(int host);
int open_tun(void);

/* --- count.c --------------------------------------------------------------- */

struct count {
	uint64_t instructions, waited;	/* ns */
};

void count_silently(bool silent);
void count_profile(void);
void count_begin(void);
struct count count_end(void);
void count_pause(void);
void count_resume(void);
double median(double *values, int count);
void count_rounds(struct run *run, void (*once)(struct run *run), double units);

/* --- memory.c -------------------------------------------------------------- */

#define MOST_SLABS	512

struct memory {
	double objects;			/* of the kernel's slabs */
	double pages;			/* of whatever else, too */
	int slab_count;
	struct slab {
		char name[40];
		double bytes;
	} slabs[MOST_SLABS];
};

void memory_read(struct memory *memory);
void memory_subtract(struct memory *memory, const struct memory *less);
void memory_where(void);
void memory_take(struct run *run, const struct memory *memory);

/* --- peer.c ---------------------------------------------------------------- */

struct peer {
	const struct stack *stack;
	int tun;
	union address here, there;	/* the peer's; the kernel's */
	uint32_t seq, ack, echo;
};

struct packet {
	unsigned char bytes[2048];
	int length;
};

void peer_init(struct peer *peer, const struct stack *stack, int tun, uint32_t number);
int peer_segment(const struct peer *peer);
void peer_syn(const struct peer *peer, struct packet *packet);
void peer_syn_ack(const struct peer *peer, struct packet *packet);
void peer_ack(const struct peer *peer, struct packet *packet);
bool peer_read(struct peer *peer);
void peer_write(const struct peer *peer, const struct packet *packet);
void peer_spoil(const struct peer *peer, struct packet *packet);

/* --- inject.c -------------------------------------------------------------- */

/* Segments in one go; so many fly from the first on. */
#define FLIGHT		32

void peer_inject(const struct peer *peer, const struct packet *packets, int count);
void count_from_ip(struct run *run, struct peer *peer, void (*once)(struct run *run));

/* --- workloads ------------------------------------------------------------- */

struct workload {
	const char *name;
	const char *unit;		/* what the numbers are of one of */
	void (*run)(struct run *run);
	int need;
	const struct network *network;
	int (*write)(struct run *run, int length);	/* NULL: with copies */
	int (*read)(struct run *run);
	void (*prepare)(struct run *run);
	int size;			/* bytes of a write, a request, a response */
	int batch;			/* bytes until they are read; 0: a write */
	int unit_size;			/* bytes of a unit */
	bool nodelay;
	int count;			/* connections, or of a listener's queue */
	int warm_up, rounds;
	bool pages;			/* of the memory, rather than objects */
	bool dear;			/* takes long: not in the quick part */
	double bar;			/* what tcpx's part of TCP's is to be at most */
};

extern const struct workload workloads[];
extern const int workload_count;

/* A process runs one workload over one stack, once. */
struct run {
	const struct workload *workload;
	const struct stack *stack;
	int listener, client, server;
	double value, waited;		/* of one unit */
	double whole;			/* with what was taken off the value */
};

void die(const char *what);
void cannot(void);
int new_listener(const struct run *run, int backlog);
void establish(struct run *run);
int connect_to(const struct stack *stack);
int accept_from(int listener);
int some(const char *what, ssize_t done);
void move(int from, int to, int length);

void room_for(int descriptors);
void read_files(struct memory *memory, int count);

void many_connections(struct run *run);
void churn(struct run *run);
void by_the_clock(struct run *run);

void stream(struct run *run);
void prepare_file(struct run *run);
int write_file(struct run *run, int length);
void prepare_splice(struct run *run);
int read_splice(struct run *run);
void prepare_pinned(struct run *run);
int write_pinned(struct run *run, int length);
void prepare_mapped(struct run *run);
int write_pages(struct run *run, int length);
int read_mapped(struct run *run);
void request_response(struct run *run);
void connect_request_close(struct run *run);
void accept_only(struct run *run);
void idle_connections(struct run *run);
void time_waits(struct run *run);
void half_open(struct run *run);
void syn_flood(struct run *run);
void lookup(struct run *run);
void bind_beside(struct run *run);
void epoll_crowd(struct run *run);
void pure_ack(struct run *run);

extern unsigned char buffer[];

#endif
