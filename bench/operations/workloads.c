// SPDX-License-Identifier: GPL-2.0
/* The workloads, and the networks that they run over; loopback where there is none. */
#include <stddef.h>

#include "ops.h"

/* An MSS of whole pages, with IPv4 and timestamps. */
static const struct network loopback_pages = { LOOPBACK, 15 * 4096 + 20 + 20 + 12 };
static const struct network behind_tun = { TUN };
static const struct network tun_queue_full = {
	TUN, .then = "sysctl -qw net.ipv4.tcp_syncookies=0 net.tcpx.syncookies=0 "
	"net.tcpx.max_syn_backlog=128"
};
static const struct network tun_cookies = {
	TUN, .then = "sysctl -qw net.ipv4.tcp_syncookies=2 net.tcpx.syncookies=2"
};
/* Super-segments go through the device as they are. */
static const struct network veth_1500 = {
	VETH, 1500, "tso on gso on gro on"
};
/* A device without offload: the kernel cuts, and merges, for it. */
static const struct network veth_1500_software = {
	VETH, 1500, "tso off gso on gro on"
};
static const struct network veth_1500_off = {
	VETH, 1500, "tso off gso off gro off"
};
/* There are none. */
static const struct network veth_1500_single = {
	VETH, 1500, "tso off gso off gro off", .gso_max_segs = 1
};
static const struct network veth_1500_loss = {
	VETH, 1500, "tso off gso off gro off", .gso_max_segs = 1,
	.then = "tc qdisc add dev veth root netem loss 1% limit 100000"
};
static const struct network veth_9000 = {
	VETH, 9000, "tso on gso on gro on"
};
static const struct network veth_9000_single = {
	VETH, 9000, "tso off gso off gro off", .gso_max_segs = 1
};

#define KIB_64		65536
#define SEGMENT_1500	(1500 - 20 - 20 - 12)
#define SEGMENT_9000	(9000 - 20 - 20 - 12)

/* Those that have a bar come first. */
const struct workload workloads[] = {
	{ "bulk-64k", "byte", stream, .size = KIB_64, .unit_size = 1, .warm_up = 800,
	  .rounds = 400, .bar = 0.95 },
	{ "bulk-64k-veth-gso", "byte", stream, HAS_IP, &veth_1500, .size = KIB_64,
	  .unit_size = 1, .warm_up = 800, .rounds = 400, .bar = 0.95 },
	{ "bulk-64k-1500-single", "segment", stream, HAS_IP, &veth_1500_single, .size = KIB_64,
	  .unit_size = SEGMENT_1500, .warm_up = 100, .rounds = 100, .bar = 0.85 },
	{ "bulk-64k-1500-off", "segment", stream, HAS_IP, &veth_1500_off, .size = KIB_64,
	  .unit_size = SEGMENT_1500, .warm_up = 100, .rounds = 100, .bar = 0.85 },
	{ "write-64", "write", stream, .size = 64, .unit_size = 64, .nodelay = true,
	  .warm_up = 2000, .rounds = 4000, .bar = 0.85 },
	{ "write-64-batch", "write", stream, .size = 64, .batch = 4096, .unit_size = 64,
	  .nodelay = true, .warm_up = 50, .rounds = 100, .bar = 0.85 },
	{ "request-1", "round trip", request_response, .size = 1, .nodelay = true,
	  .warm_up = 2000, .rounds = 4000, .bar = 0.85 },
	{ "connect-request-close", "connection", connect_request_close, .size = 1, .count = 1,
	  .warm_up = 500, .rounds = 1000, .bar = 0.75 },
	{ "pure-ack", "ACK", pure_ack, HAS_IP | HAS_TCP, &behind_tun, .warm_up = 20, .rounds = 100,
	  .bar = 0.70 },
	{ "memory-idle", "bytes a connection", idle_connections, .count = 10000, .bar = 0.75 },
	{ "memory-time-wait", "bytes", time_waits, HAS_IP, .count = 10000, .bar = 0.80 },
	{ "memory-half-open", "bytes", half_open, HAS_IP | HAS_TCP, &behind_tun, .count = 10000,
	  .bar = 0.80 },
	{ "pages-idle", "bytes a connection", idle_connections, .count = 10000, .pages = true },
	{ "pages-time-wait", "bytes", time_waits, HAS_IP, .count = 10000, .pages = true },
	{ "bulk-1k", "write", stream, .size = 1024, .batch = KIB_64, .unit_size = 1024,
	  .warm_up = 300, .rounds = 200 },
	{ "write-1k", "write", stream, .size = 1024, .unit_size = 1024, .nodelay = true,
	  .warm_up = 1000, .rounds = 2000 },
	{ "bulk-64", "write", stream, .size = 64, .batch = 4096, .unit_size = 64,
	  .warm_up = 100, .rounds = 200 },
	{ "bulk-64k-1500-gro", "segment", stream, HAS_IP, &veth_1500_software, .size = KIB_64,
	  .unit_size = SEGMENT_1500, .warm_up = 100, .rounds = 100 },
	{ "bulk-64k-9000-gso", "byte", stream, HAS_IP, &veth_9000, .size = KIB_64,
	  .unit_size = 1, .warm_up = 300, .rounds = 300 },
	{ "bulk-64k-9000-single", "segment", stream, HAS_IP, &veth_9000_single, .size = KIB_64,
	  .unit_size = SEGMENT_9000, .warm_up = 200, .rounds = 200 },
	{ "request-1k", "round trip", request_response, .size = 1024, .nodelay = true,
	  .warm_up = 1000, .rounds = 2000 },
	{ "connect-request-close-64", "connection", connect_request_close, .size = 1,
	  .count = 64, .warm_up = 8, .rounds = 16 },
	{ "accept", "connection", accept_only, .count = 64, .warm_up = 16, .rounds = 48 },
	{ "sendfile-64k", "byte", stream, .write = write_file, .prepare = prepare_file,
	  .size = KIB_64, .unit_size = 1, .warm_up = 300, .rounds = 300 },
	{ "splice-64k", "byte", stream, .read = read_splice, .prepare = prepare_splice,
	  .size = KIB_64, .unit_size = 1, .warm_up = 300, .rounds = 300 },
	{ "zerocopy-send-64k", "byte", stream, HAS_IP, .write = write_pinned,
	  .prepare = prepare_pinned, .size = KIB_64, .unit_size = 1, .warm_up = 300,
	  .rounds = 300 },
	{ "zerocopy-receive-60k", "byte", stream, HAS_IP | HAS_TCP, &loopback_pages,
	  .write = write_pages, .read = read_mapped, .prepare = prepare_mapped,
	  .size = 15 * 4096, .unit_size = 1, .warm_up = 300, .rounds = 300 },
	{ "bulk-64k-1500-loss", "segment", stream, HAS_IP, &veth_1500_loss, .size = KIB_64,
	  .unit_size = SEGMENT_1500, .warm_up = 50, .rounds = 1000 },
	{ "syn", "SYN", syn_flood, HAS_IP | HAS_TCP, &behind_tun, .count = 65535,
	  .warm_up = 10, .rounds = 200 },
	{ "syn-flood", "SYN", syn_flood, HAS_IP | HAS_TCP, &tun_queue_full, .count = 128,
	  .warm_up = 20, .rounds = 200 },
	{ "syn-flood-cookies", "SYN", syn_flood, HAS_IP | HAS_TCP, &tun_cookies, .count = 128,
	  .warm_up = 20, .rounds = 200 },
	{ "lookup-1", "segment", lookup, HAS_IP | HAS_TCP, &behind_tun, .count = 1,
	  .warm_up = 32, .rounds = 200 },
	{ "lookup-1k", "segment", lookup, HAS_IP | HAS_TCP, &behind_tun, .count = 1000,
	  .warm_up = 32, .rounds = 200 },
	{ "lookup-100k", "segment", lookup, HAS_IP | HAS_TCP, &behind_tun, .count = 100000,
	  .warm_up = 32, .rounds = 200, .dear = true },
	{ "bind-1k", "bind()", bind_beside, HAS_IP | HAS_TCP, &behind_tun, .count = 1000,
	  .warm_up = 2, .rounds = 20 },
	{ "bind-50k", "bind()", bind_beside, HAS_IP | HAS_TCP, &behind_tun, .count = 50000,
	  .warm_up = 2, .rounds = 20, .dear = true },
	{ "epoll-10k", "event", epoll_crowd, .count = 10000, .warm_up = 1000, .rounds = 4000 },
	{ "lookup-1m", "segment", lookup, HAS_IP | HAS_TCP, &behind_tun, .count = 1000000,
	  .warm_up = 32, .rounds = 200, .dear = true },
};
const int workload_count = ARRAY_SIZE(workloads);
