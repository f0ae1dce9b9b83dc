// SPDX-License-Identifier: GPL-2.0-only
/*
 * What waits in a link when the window opens and when it closes. Every queue is weighed
 * twice at either end, and nothing is locked meanwhile: what is the same twice, or was
 * touched by nobody since the window opened, is taken for exact, and the rest for not known.
 */
#include <stdint.h>
#include <string.h>

#include "joiner.h"

/* What waits at `to`, as one pass over all descriptors had it. Of TCP also what is on its way. */
static struct link_queue queue_find(const struct descriptor_list *list, const struct object_key *from,
				    const struct object_key *to)
{
	const struct capture_descriptor *reader = joiner_row(list, to), *writer;
	struct link_queue queue = { 0 };
	int32_t waits;

	if (!reader)
		return queue;
	queue = (struct link_queue){ .ops = reader->queued_ops, .bytes = reader->queued };
	writer = to->mechanism == IPC_TCP ? joiner_row(list, from) : NULL;
	if (!writer || (!writer->write_seq && !reader->read_seq))
		return queue;
	waits = (int32_t)(writer->write_seq - reader->read_seq);
	queue.bytes = waits > 0 ? (uint32_t)waits : 0;
	return queue;
}

static bool queues_equal(struct link_queue a, struct link_queue b)
{
	return a.ops == b.ops && a.bytes == b.bytes;
}

/* Nobody sent or read anything before this time, in seconds since the window opened. */
static bool link_rested(const struct link *link, double until)
{
	for (size_t i = 0; i < link->sender_count; i++)
		if (link->senders[i].first <= until)
			return false;
	for (size_t i = 0; i < link->receiver_count; i++)
		if (link->receivers[i].first <= until)
			return false;
	return true;
}

/* Did a process of the filter hold this open when the window opened? */
static bool object_is_marked(const struct capture *capture, const struct object_key *object)
{
	const struct capture_descriptor *row = joiner_row(&capture->at_start, object);
	const struct capture_process *process;

	for (; row; row = joiner_row_next(&capture->at_start, row)) {
		process = capture_find_process(capture, row->process);
		if (process && process->tracked)
			return true;
	}
	return false;
}

/* Was it marked before the window opened, so that what anybody did to it counts? Datagrams by where they arrive. */
static bool link_is_marked(const struct capture *capture, const struct link *link, const struct object_key *from,
			   const struct object_key *to)
{
	if (!capture->filtered)
		return true;
	if (capture->filtered_by_name)
		return false;
	return object_is_marked(capture, to) || (link->kind != LINK_DATAGRAM && object_is_marked(capture, from));
}

/*
 * Was every write to it counted? What a filter does not keep is not, until a process of the
 * filter touches the channel; between processes that match for all their lives all is.
 */
static bool link_is_counted(const struct joiner *joiner, const struct link *link, const struct object_key *from,
			    const struct object_key *to)
{
	const struct capture *capture = joiner->capture;

	if (link_is_marked(capture, link, from, to))
		return true;
	if (capture->filtered_by_name)
		return false;
	for (size_t i = 0; i < link->sender_count; i++)
		if (!joiner->node_tracked[link->senders[i].node])
			return false;
	for (size_t i = 0; i < link->receiver_count; i++)
		if (!joiner->node_tracked[link->receivers[i].node])
			return false;
	return true;
}

/*
 * Could the first weighing see the queue? Where nobody had the channel open there was no
 * channel. A socket that waits to be accepted nobody has open either: then its peer is there.
 */
static bool queue_is_seen(const struct join_link *link, const struct capture *capture,
			  const struct object_key *from, const struct object_key *to)
{
	const struct capture_descriptor *reader = joiner_row(&capture->at_start, to);
	const struct capture_descriptor *writer = joiner_row(&capture->at_start, from);

	if (!capture->weighed || !to->object || link->key.mechanism == IPC_PTY)
		return false;
	if (link->key.mechanism == IPC_TCP && reader && (!writer || !writer->write_seq))
		return false; /* what is on its way is not, or MPTCP */
	return reader || !writer;
}

static void queue_at_start(struct joiner *joiner, struct join_link *link, const struct object_key *from,
			   const struct object_key *to)
{
	const struct capture *capture = joiner->capture;
	struct link *ends = &link->link;
	double opened = capture->weighed_time > capture->started ?
				(capture->weighed_time - capture->started) / 1e9 : 0;
	struct link_queue again;

	ends->queued_start = queue_find(&capture->at_start, from, to);
	if (!capture->weighed)
		return;
	again = queue_find(&capture->weighed_first, from, to);
	ends->start_exact = queue_is_seen(link, capture, from, to) && link_is_counted(joiner, ends, from, to) &&
			    !joiner_row(&capture->writing_first, from);
	if (queues_equal(ends->queued_start, again))
		return;
	if (link_rested(ends, opened)) {
		ends->queued_start = again;
		return;
	}
	ends->start_exact = false;
	/* Then what waits at the end must tell; where that is gone, too, only a surplus does. */
	ends->queued_start.ops = ends->queued_start.bytes = ends->closed ? 0 : UINT64_MAX;
}

static void queue_at_end(struct joiner *joiner, struct join_link *link, const struct object_key *from,
			 const struct object_key *to)
{
	const struct capture *capture = joiner->capture;
	struct link_queue before;

	link->link.queued_end = queue_find(&capture->at_end, from, to);
	if (!capture->weighed)
		return;
	before = queue_find(&capture->weighed_last, from, to);
	if (!queues_equal(before, link->link.queued_end))
		link->link.queued_end = (struct link_queue){ 0 };
}

/*
 * A writer in the middle of its call: what was read or waits, and was not there before nor
 * written by anybody else, it wrote. Of several it can't be told.
 */
static int queue_unfinished(struct joiner *joiner, struct join_link *link, const struct object_key *from,
			    const struct object_key *to)
{
	const struct descriptor_list *writing = &joiner->capture->writing_last;
	const struct capture_descriptor *row = joiner_row(writing, from), *next;
	struct link *ends = &link->link;
	uint64_t got = ends->queued_end.bytes, had = ends->queued_start.bytes;
	size_t node;
	int error;

	if (!row || !ends->start_exact || ends->kind != LINK_STREAM)
		return 0;
	for (next = joiner_row_next(writing, row); next; next = joiner_row_next(writing, next))
		if (memcmp(&next->process, &row->process, sizeof(row->process)))
			return 0;
	for (size_t i = 0; i < ends->receiver_count; i++)
		got += ends->receivers[i].bytes;
	for (size_t i = 0; i < ends->sender_count; i++)
		had += ends->senders[i].bytes;
	if (got <= had)
		return 0;
	error = joiner_process(joiner, row->process, &node);
	if (error || !(joiner->node_tracked[node] || link_is_marked(joiner->capture, ends, from, to)))
		return error;
	return joiner_add_unfinished(joiner, link, node, got - had);
}

int joiner_weigh(struct joiner *joiner, struct join_link *link, const struct object_key *from,
		 const struct object_key *to)
{
	struct link *ends = &link->link;

	ends->closed = !joiner_is_open(joiner, to);
	ends->lossy = joiner->capture->incomplete[link->key.mechanism];
	queue_at_start(joiner, link, from, to);
	queue_at_end(joiner, link, from, to);
	if (link->shares_queue) {
		/* Whose datagrams these were is not known: those that remained may be older, or not. */
		if (ends->queued_start.ops && (ends->closed || ends->queued_end.ops))
			ends->uncertain = true;
		memset(&ends->queued_start, 0, sizeof(ends->queued_start));
		memset(&ends->queued_end, 0, sizeof(ends->queued_end));
		return 0;
	}
	return queue_unfinished(joiner, link, from, to);
}
