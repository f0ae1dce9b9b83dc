/* SPDX-License-Identifier: GPL-2.0-only */
/* The edges that a link was joined into, and what the tests ask of them. */
#ifndef TEST_LINK_EDGES_H
#define TEST_LINK_EDGES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/link.h"

#define HUB PARTY_HUB
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { A = 1, B, C, D };

static struct link_edges result;

/* The edges' bytes add up to what the parties sent and received. */
static void conserved(const struct link *link)
{
	uint64_t sent = 0, received = 0;

	for (size_t i = 0; i < link->sender_count; i++)
		sent += link->senders[i].bytes;
	for (size_t i = 0; i < link->receiver_count; i++)
		received += link->receivers[i].bytes;
	for (size_t i = 0; i < result.count; i++) {
		sent -= result.edges[i].bytes;
		received -= result.edges[i].received_bytes;
	}
	assert_int_equal(sent, 0);
	assert_int_equal(received, 0);
}

/* There is just one such edge; its figures. */
static const struct link_edge *edge(size_t src, size_t dst, enum attribution attribution, uint64_t bytes,
				    uint64_t received_bytes)
{
	const struct link_edge *found = NULL;

	for (size_t i = 0; i < result.count; i++) {
		const struct link_edge *one = &result.edges[i];

		if (one->src != src || one->dst != dst || one->attribution != attribution)
			continue;
		assert_null(found);
		found = one;
	}
	if (!found)
		fail_msg("no edge %zd -> %zd of attribution %d", (ssize_t)src, (ssize_t)dst, attribution);
	assert_int_equal(found->bytes, bytes);
	assert_int_equal(found->received_bytes, received_bytes);
	return found;
}

static int result_free(void **state)
{
	(void)state;
	free(result.edges);
	return 0;
}

#endif
