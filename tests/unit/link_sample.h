/* SPDX-License-Identifier: GPL-2.0-only */
/* Links of which it is not known who took whose bytes. */
#ifndef TEST_LINK_SAMPLE_H
#define TEST_LINK_SAMPLE_H

#include "link_edges.h"

#define PARTY(who, n, len, from, to) { .node = who, .ops = n, .bytes = len, .first = from, .last = to }
#define SENDERS(array) .senders = (array), .sender_count = COUNT(array)
#define RECEIVERS(array) .receivers = (array), .receiver_count = COUNT(array)
#define SEND_HOLDERS(array) .send_holders = (array), .send_holder_count = COUNT(array)
#define RECEIVE_HOLDERS(array) .receive_holders = (array), .receive_holder_count = COUNT(array)
#define LINK(...) ((struct link){ .outside = PARTY_NONE, __VA_ARGS__ })

static size_t joined(const struct link *link)
{
	free(result.edges);
	memset(&result, 0, sizeof(result));
	assert_int_equal(link_join(link, &result), 0);
	conserved(link);
	return result.count;
}

#endif
