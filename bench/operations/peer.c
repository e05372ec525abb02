// SPDX-License-Identifier: GPL-2.0
/*
 * The other end of a connection, segment by segment, behind a tun device: what the
 * kernel sends is read from it, what is written to it the kernel receives.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"

enum { FLAG_SYN = 0x02, FLAG_ACK = 0x10 };
enum { IPV4_HEADER = 20, IPV6_HEADER = 40, TCP_HEADER = 20 };

/* MSS 1460, SACK permitted, timestamp, window scale 7: what Linux's SYN has. */
static const unsigned char syn_options[] = {
	2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7
};
static const unsigned char ack_options[] = { 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0 };

static void put16(unsigned char *at, unsigned int value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put32(unsigned char *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static uint32_t get32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

static uint32_t sum16(const unsigned char *at, int length, uint32_t sum)
{
	for (int i = 0; i < length; i++)
		sum += i % 2 ? at[i] : at[i] << 8;
	return sum;
}

static unsigned int folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

static int ip_header(const struct stack *stack)
{
	return stack->family == AF_INET ? IPV4_HEADER : IPV6_HEADER;
}

/* Writes the IP header before a segment. Returns the sum of the pseudo-header. */
static uint32_t put_ip(const struct peer *peer, unsigned char *at, int length)
{
	int wire = peer->stack->wire;

	if (peer->stack->family == AF_INET) {
		at[0] = 0x45;
		put16(at + 2, IPV4_HEADER + length);
		put16(at + 6, 0x4000);
		at[8] = 64;
		at[9] = wire;
		memcpy(at + 12, &peer->here.ipv4.sin_addr, 4);
		memcpy(at + 16, &peer->there.ipv4.sin_addr, 4);
		put16(at + 10, folded(sum16(at, IPV4_HEADER, 0)));
		return sum16(at + 12, 8, wire + length);
	}
	at[0] = 0x60;
	put16(at + 4, length);
	at[6] = wire;
	at[7] = 64;
	memcpy(at + 8, &peer->here.ipv6.sin6_addr, 16);
	memcpy(at + 24, &peer->there.ipv6.sin6_addr, 16);
	return sum16(at + 8, 32, wire + length);
}

static void build(const struct peer *peer, struct packet *packet, int flags,
		  const unsigned char *options, int options_length)
{
	unsigned char *segment = packet->bytes + ip_header(peer->stack);
	int length = TCP_HEADER + options_length;
	uint32_t sum;

	memset(packet->bytes, 0, ip_header(peer->stack) + length);
	packet->length = ip_header(peer->stack) + length;
	sum = put_ip(peer, packet->bytes, length);
	put16(segment, ntohs(peer->here.ipv4.sin_port));
	put16(segment + 2, ntohs(peer->there.ipv4.sin_port));
	put32(segment + 4, peer->seq);
	put32(segment + 8, flags & FLAG_ACK ? peer->ack : 0);
	segment[12] = length / 4 << 4;
	segment[13] = flags;
	put16(segment + 14, 0xffff);
	memcpy(segment + TCP_HEADER, options, options_length);
	/* TSecr, after kind, length and TSval of a timestamp at offset 2 or 6. */
	put32(segment + TCP_HEADER + (flags & FLAG_SYN ? 12 : 8), peer->echo);
	put16(segment + 16, folded(sum16(segment, length, sum)));
}

/* Bytes in a full segment of the kernel's, which has a timestamp. */
int peer_segment(const struct peer *peer)
{
	return 1500 - ip_header(peer->stack) - TCP_HEADER - sizeof(ack_options);
}

void peer_syn(const struct peer *peer, struct packet *packet)
{
	build(peer, packet, FLAG_SYN, syn_options, sizeof(syn_options));
}

void peer_syn_ack(const struct peer *peer, struct packet *packet)
{
	build(peer, packet, FLAG_SYN | FLAG_ACK, syn_options, sizeof(syn_options));
}

void peer_ack(const struct peer *peer, struct packet *packet)
{
	build(peer, packet, FLAG_ACK, ack_options, sizeof(ack_options));
}

/* Makes of a packet one that IP drops at first sight. */
void peer_spoil(const struct peer *peer, struct packet *packet)
{
	if (peer->stack->family == AF_INET)
		packet->bytes[10] ^= 0xff;	/* checksum */
	else
		packet->bytes[4] = 0xff;	/* length */
}

/* Takes the next segment that the kernel sends to this peer. Returns whether there is one. */
bool peer_read(struct peer *peer)
{
	struct packet packet;

	while ((packet.length = read(peer->tun, packet.bytes, sizeof(packet.bytes))) > 0) {
		const unsigned char *segment = packet.bytes + ip_header(peer->stack);
		int protocol = packet.bytes[peer->stack->family == AF_INET ? 9 : 6];
		int header = (segment[12] >> 4) * 4, length;

		if (packet.length < ip_header(peer->stack) + TCP_HEADER ||
		    packet.bytes[0] >> 4 != (peer->stack->family == AF_INET ? 4 : 6) ||
		    protocol != peer->stack->wire)
			continue;
		length = packet.length - ip_header(peer->stack) - header;
		peer->there.ipv4.sin_port = htons(segment[0] << 8 | segment[1]);
		peer->ack = get32(segment + 4) + length + !!(segment[13] & FLAG_SYN);
		for (int i = TCP_HEADER; i < header && segment[i]; )
			if (segment[i] == 1) {
				i++;
			} else {
				if (segment[i] == 8)
					peer->echo = get32(segment + i + 2);
				i += segment[i + 1];
			}
		return true;
	}
	if (errno != EAGAIN)
		die("tun");
	return false;
}

void peer_write(const struct peer *peer, const struct packet *packet)
{
	if (write(peer->tun, packet->bytes, packet->length) != packet->length)
		die("tun");
}

/* Each number has an address and a port of its own. */
void peer_init(struct peer *peer, const struct stack *stack, int tun, uint32_t number)
{
	*peer = (struct peer){ .stack = stack, .tun = tun, .seq = 1000 };
	stack_address(stack, &peer->there, NEAR, PORT);
	stack_address(stack, &peer->here, FAR, 1024 + number % 50000);
	number /= 50000;
	if (stack->family == AF_INET)
		peer->here.ipv4.sin_addr.s_addr = htonl(0x0a020001 + number);
	else
		put32(peer->here.ipv6.sin6_addr.s6_addr + 12, 0x10000 + number);
}
