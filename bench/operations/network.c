// SPDX-License-Identifier: GPL-2.0
/*
 * The namespaces, devices and sysctls that a workload finds: new ones for each
 * measurement.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ops.h"

/* So that no limit decides; of both stacks where both have it. */
static const struct {
	const char *name, *value;
} sysctls[] = {
	{ "core/somaxconn", "2097152" },
	{ "ipv4/ip_local_port_range", "1024 65000" },
	{ "ipv4/tcp_max_syn_backlog", "65535" },
	{ "tcpx/max_syn_backlog", "65535" },
	{ "ipv4/tcp_max_tw_buckets", "2097152" },
	{ "tcpx/max_tw_buckets", "2097152" },
};

static int hosts[HOSTS];

static void shell(const char *format, ...)
{
	char command[512];
	va_list words;

	va_start(words, format);
	vsnprintf(command, sizeof(command), format, words);
	va_end(words);
	if (system(command))
		die(command);
}

static void new_host(int host)
{
	if (unshare(CLONE_NEWNET))
		die("unshare");
	hosts[host] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (hosts[host] < 0)
		die("/proc/self/ns/net");
	for (size_t i = 0; i < ARRAY_SIZE(sysctls); i++) {
		char path[128];
		FILE *file;

		snprintf(path, sizeof(path), "/proc/sys/net/%s", sysctls[i].name);
		file = fopen(path, "w");
		if (file && (fputs(sysctls[i].value, file) < 0 || fclose(file)))
			die(path);
	}
}

void enter_host(int host)
{
	if (hosts[FAR] && setns(hosts[host], CLONE_NEWNET))
		die("setns");
}

static void veth_up(const struct network *network)
{
	new_host(FAR);
	new_host(NEAR);
	shell("ip link add veth type veth peer name veth netns /proc/%d/fd/%d", getpid(),
	      hosts[FAR]);
	for (int host = 0; host < HOSTS; host++) {
		enter_host(host);
		shell("ip link set veth mtu %d gso_max_segs %d && ip link set lo up &&"
		      "ethtool -K veth %s >/dev/null && ip addr add 10.1.0.%d/24 dev veth &&"
		      "ip addr add fd00::%d/64 dev veth nodad && ip link set veth up",
		      network->mtu, network->gso_max_segs ?: 65535, network->offload, host + 1,
		      host + 1);
	}
	enter_host(NEAR);
}

/* The device; a packet written to it is one that has come. */
int open_tun(void)
{
	struct ifreq request = { .ifr_name = "tun", .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd;

	shell("modprobe tun");
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request))
		die("tun");
	shell("ip link set lo up && ip addr add 10.1.0.1/32 dev tun &&"
	      "ip addr add fd00::1/128 dev tun nodad && ip link set tun mtu 1500 txqueuelen 10000 up &&"
	      "ip route add 10.0.0.0/8 dev tun initcwnd 100 &&"
	      "ip -6 route add fd00::/64 dev tun initcwnd 100");
	return fd;
}

/* NULL: loopback. */
void network_up(const struct network *network)
{
	static const struct network loopback = { LOOPBACK };

	if (!network)
		network = &loopback;
	switch (network->kind) {
	case LOOPBACK:
		new_host(NEAR);
		shell("ip link set lo mtu %d up && ip addr add 10.1.0.1/32 dev lo &&"
		      "ip addr add 10.1.0.2/32 dev lo && ip addr add fd00::1/128 dev lo nodad &&"
		      "ip addr add fd00::2/128 dev lo nodad", network->mtu ?: 65536);
		break;
	case VETH:
		veth_up(network);
		break;
	case TUN:
		new_host(NEAR);
		break;
	}
	if (network->then)
		shell("%s", network->then);
}
