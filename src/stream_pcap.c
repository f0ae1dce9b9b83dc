// SPDX-License-Identifier: GPL-2.0-only
#include "stream_pcap.h"

#include <arpa/inet.h>
#include <endian.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peers.h"
#include "text.h"

/* pcapng: draft-ietf-opsawg-pcapng */
#define BLOCK_SECTION 0x0a0d0d0aU
#define BLOCK_INTERFACE 1U
#define BLOCK_PACKET 6U
#define MAGIC 0x1a2b3c4dU
#define OPTION_COMMENT 1
#define OPTION_IF_NAME 2
#define OPTION_IF_TSRESOL 9
#define LINKTYPE_RAW 101
#define LINKTYPE_USER0 147

enum { INTERFACE_INET, INTERFACE_IPC };

#define TCP_PAYLOAD 65495 /* of an IP packet, which ends at 65535 */
#define UDP_PAYLOAD 65527
#define HEADER_MAX (66 + IPC_PATH_LEN)

/* One direction of a connection, and how far it has come. */
struct tcp_way {
	struct tcp_way_key {
		struct inet_end from, to;
	} key;
	uint32_t sequence;
	UT_hash_handle hh;
};

struct packet {
	uint8_t header[HEADER_MAX];
	size_t header_len;
	const uint8_t *contents;
	size_t captured, length; /* of the contents: there, and in full */
};

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static void put_padding(struct out *out, size_t size)
{
	out_bytes(out, "\0\0\0", padded(size) - size);
}

static void put32(struct out *out, uint32_t word)
{
	out_bytes(out, &word, sizeof(word));
}

static void put_option(struct out *out, uint16_t code, const void *value, uint16_t len)
{
	out_bytes(out, &code, sizeof(code));
	out_bytes(out, &len, sizeof(len));
	out_bytes(out, value, len);
	put_padding(out, len);
}

static void interface_write(struct out *out, uint32_t linktype, const char *name)
{
	const uint8_t nanoseconds = 9;
	uint32_t size = 20 + 4 + padded(strlen(name)) + 8 + 4;

	put32(out, BLOCK_INTERFACE);
	put32(out, size);
	put32(out, linktype); /* and 16 bits reserved */
	put32(out, 0);	      /* no limit to a packet's length */
	put_option(out, OPTION_IF_NAME, name, strlen(name));
	put_option(out, OPTION_IF_TSRESOL, &nanoseconds, 1);
	put32(out, 0);
	put32(out, size);
}

void pcap_begin(struct stream_pcap *pcap)
{
	struct out *out = &pcap->out;

	put32(out, BLOCK_SECTION);
	put32(out, 28);
	put32(out, MAGIC);
	put32(out, 1); /* version 1.0 */
	put32(out, 0xffffffff);
	put32(out, 0xffffffff); /* the section's length is not known */
	put32(out, 28);
	interface_write(out, LINKTYPE_RAW, "inet");
	interface_write(out, LINKTYPE_USER0, "ipc");
}

static char *packet_comment(struct stream_pcap *pcap, const struct ipc_event *event)
{
	char *src = text_clean(event->src_comm, strnlen(event->src_comm, IPC_COMM_LEN));
	char *dst = text_clean(event->dst_comm, strnlen(event->dst_comm, IPC_COMM_LEN));
	char *text = NULL, from[128] = "?";

	if (event->flags & IPC_EVENT_SENDER && !event->src_tgid)
		snprintf(from, sizeof(from), "kernel");
	else if (event->flags & IPC_EVENT_SENDER)
		snprintf(from, sizeof(from), "%s(%u)", src ? src : "",
			 stream_pid(pcap->names, event->src_tgid, event->src_start));
	if (asprintf(&text, "%s %s > %s(%u)", mechanisms[event->mechanism].name, from, dst ? dst : "",
		     stream_pid(pcap->names, event->dst_tgid, event->dst_start)) < 0)
		text = NULL;
	free(src);
	free(dst);
	return text;
}

static void packet_write(struct stream_pcap *pcap, const struct ipc_event *event, uint32_t interface,
			 const struct packet *packet)
{
	uint64_t time = event->record.time + pcap->wall_offset;
	size_t captured = packet->header_len + packet->captured;
	char *comment = packet_comment(pcap, event);
	size_t comment_len = comment ? strlen(comment) : 0;
	uint32_t size = 28 + padded(captured) + 4 + padded(comment_len) + 4 + 4;
	struct out *out = &pcap->out;

	put32(out, BLOCK_PACKET);
	put32(out, size);
	put32(out, interface);
	put32(out, time >> 32);
	put32(out, time);
	put32(out, captured);
	put32(out, packet->header_len + packet->length);
	out_bytes(out, packet->header, packet->header_len);
	if (packet->captured)
		out_bytes(out, packet->contents, packet->captured);
	put_padding(out, captured);
	put_option(out, OPTION_COMMENT, comment ? comment : "", comment_len);
	put32(out, 0);
	put32(out, size);
	free(comment);
}

static uint8_t *put8(uint8_t *at, uint8_t value)
{
	*at = value;
	return at + 1;
}

static uint8_t *put_be(uint8_t *at, uint64_t value, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		*at++ = value >> (8 * i);
	return at;
}

/* RFC 1071 */
static uint32_t sum_bytes(uint32_t sum, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum += i & 1 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return sum;
}

static uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* The IP header; returns what the checksum of what follows begins with. */
static uint32_t ip_fill(struct packet *packet, const struct inet_end *from, const struct inet_end *to,
			uint8_t protocol, size_t len)
{
	uint8_t *at = packet->header, *addresses;
	bool v4 = inet_is_v4(from) && inet_is_v4(to);

	if (v4) {
		at = put_be(at, 0x4500, 2);
		at = put_be(at, 20 + len, 2);
		at = put_be(at, 0x00004000, 4); /* don't fragment */
		at = put8(put8(at, 64), protocol);
		at = put_be(at, 0, 2);
		addresses = at;
		memcpy(at, from->addr + 12, 4);
		memcpy(at + 4, to->addr + 12, 4);
		at += 8;
		put_be(packet->header + 10, sum_fold(sum_bytes(0, packet->header, 20)), 2);
	} else {
		at = put_be(at, 0x60000000, 4);
		at = put_be(at, len, 2);
		at = put8(put8(at, protocol), 64);
		addresses = at;
		memcpy(at, from->addr, 16);
		memcpy(at + 16, to->addr, 16);
		at += 32;
	}
	packet->header_len = at - packet->header;
	return sum_bytes(protocol + len, addresses, v4 ? 8 : 32);
}

static struct tcp_way *tcp_way(struct stream_pcap *pcap, const struct inet_end *from, const struct inet_end *to)
{
	struct tcp_way_key key;
	struct tcp_way *way;

	memset(&key, 0, sizeof(key));
	key.from = *from;
	key.to = *to;
	HASH_FIND(hh, pcap->ways, &key, sizeof(key), way);
	if (way)
		return way;
	way = calloc(1, sizeof(*way));
	if (!way)
		return NULL;
	way->key = key;
	way->sequence = 1;
	HASH_ADD(hh, pcap->ways, key, sizeof(way->key), way);
	return way;
}

static void tcp_fill(struct stream_pcap *pcap, struct packet *packet, const struct inet_end *from,
		     const struct inet_end *to)
{
	struct tcp_way *way = tcp_way(pcap, from, to), *back = tcp_way(pcap, to, from);
	uint32_t sum = ip_fill(packet, from, to, IPPROTO_TCP, 20 + packet->length);
	uint8_t *start = packet->header + packet->header_len, *at = start;

	at = put_be(at, from->port, 2);
	at = put_be(at, to->port, 2);
	at = put_be(at, way ? way->sequence : 1, 4);
	at = put_be(at, back ? back->sequence : 1, 4);
	at = put_be(at, 0x5018, 2); /* 20 bytes; ACK, PSH */
	at = put_be(at, 0xffff, 2);
	at = put_be(at, 0, 4);
	packet->header_len += at - start;
	if (packet->captured == packet->length)
		put_be(start + 16, sum_fold(sum_bytes(sum_bytes(sum, start, 20), packet->contents,
						      packet->captured)), 2);
	if (way)
		way->sequence += packet->length;
}

static void udp_fill(struct packet *packet, const struct inet_end *from, const struct inet_end *to)
{
	uint32_t sum = ip_fill(packet, from, to, IPPROTO_UDP, 8 + packet->length);
	uint8_t *start = packet->header + packet->header_len, *at = start;
	uint16_t checksum;

	at = put_be(at, from->port, 2);
	at = put_be(at, to->port, 2);
	at = put_be(at, 8 + packet->length, 2);
	at = put_be(at, 0, 2);
	packet->header_len += at - start;
	if (packet->captured != packet->length)
		return;
	checksum = sum_fold(sum_bytes(sum_bytes(sum, start, 8), packet->contents, packet->captured));
	put_be(start + 6, checksum ? checksum : 0xffff, 2);
}

/* An end that is not known is 0.0.0.0, port 0: of the family that the other has. */
static void ends_of(const struct channel_name *channel, const struct ipc_event *event, struct inet_end *from,
		    struct inet_end *to)
{
	*to = channel->local;
	*from = channel->remote;
	if (event->flags & IPC_EVENT_FROM) {
		memcpy(from->addr, event->from_addr, sizeof(from->addr));
		from->port = event->from_port;
	}
	from->netns = to->netns = 0;
	/* "Any" of IPv6 takes IPv4, too. */
	if (inet_is_v4(from) && inet_is_any(to))
		memcpy(to->addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff\0\0\0\0", 16);
	if (inet_is_v4(to) && inet_is_any(from))
		memcpy(from->addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff\0\0\0\0", 16);
}

/* As many packets as it takes; a datagram is always one. */
static void inet_write(struct stream_pcap *pcap, const struct stream_event *event)
{
	const struct channel_name *channel = stream_channel(pcap->names, event->event);
	uint64_t left = event->event->bytes, captured = event->contents ? event->len : 0;
	const uint8_t *contents = event->contents;
	size_t most = event->event->mechanism == IPC_TCP ? TCP_PAYLOAD : UDP_PAYLOAD;
	struct packet packet = { .header_len = 0 };
	struct inet_end from, to;

	if (!channel)
		return;
	ends_of(channel, event->event, &from, &to);
	do {
		packet.length = left < most ? left : most;
		packet.captured = captured < packet.length ? captured : packet.length;
		packet.contents = contents;
		if (event->event->mechanism == IPC_TCP)
			tcp_fill(pcap, &packet, &from, &to);
		else
			udp_fill(&packet, &from, &to);
		packet_write(pcap, event->event, INTERFACE_INET, &packet);
		left -= packet.length;
		captured -= packet.captured;
		contents = contents ? contents + packet.captured : NULL;
	} while (left);
}

static void ipc_write(struct stream_pcap *pcap, const struct stream_event *stream_event)
{
	const struct ipc_event *event = stream_event->event;
	bool signal = event->mechanism == IPC_SIGNAL;
	const struct channel_name *channel = signal ? NULL : stream_channel(pcap->names, event);
	const char *name = channel && channel->name ? channel->name : "";
	size_t name_len = strnlen(name, IPC_PATH_LEN);
	struct packet packet = { .contents = stream_event->contents, .length = event->bytes };
	uint8_t *at = packet.header;

	at = put8(put8(at, 1), event->mechanism);
	at = put8(put8(at, event->flags & IPC_EVENT_SENDER), signal ? 0 : event->side);
	at = put_be(at, stream_pid(pcap->names, event->src_tgid, event->src_start), 4);
	at = put_be(at, stream_pid(pcap->names, event->dst_tgid, event->dst_start), 4);
	at = put_be(at, event->tid, 4);
	at = put_be(at, signal ? event->remote >> 32 : 0, 4);
	at = put_be(at, (uint32_t)event->code, 4);
	at = put_be(at, signal || event->mechanism == IPC_PTY ? 0 : event->object, 8);
	memcpy(at, event->src_comm, IPC_COMM_LEN);
	memcpy(at + IPC_COMM_LEN, event->dst_comm, IPC_COMM_LEN);
	at = put_be(at + 2 * IPC_COMM_LEN, name_len, 2);
	memcpy(at, name, name_len);
	packet.header_len = at + name_len - packet.header;
	packet.captured = stream_event->contents ? stream_event->len : 0;
	packet_write(pcap, event, INTERFACE_IPC, &packet);
}

void pcap_event(struct stream_pcap *pcap, const struct stream_event *event)
{
	if (event->event->mechanism == IPC_TCP || event->event->mechanism == IPC_UDP)
		inet_write(pcap, event);
	else
		ipc_write(pcap, event);
}

int pcap_done(struct stream_pcap *pcap)
{
	struct tcp_way *way, *next;

	HASH_ITER(hh, pcap->ways, way, next) {
		HASH_DEL(pcap->ways, way);
		free(way);
	}
	return out_close(&pcap->out);
}
