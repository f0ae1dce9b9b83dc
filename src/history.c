// SPDX-License-Identifier: GPL-2.0-only
#include "history.h"

#include <errno.h>
#include <stdlib.h>

int history_begin(struct capture *capture, uint64_t time)
{
	uint64_t *grown = reallocarray(capture->cuts, capture->cut_count + 1, sizeof(*grown));
	struct flow_history *history, *next;

	if (!grown)
		return -ENOMEM;
	capture->cuts = grown;
	grown[capture->cut_count++] = time;
	HASH_ITER(hh, capture->histories, history, next)
		history->now_ops = history->now_bytes = 0;
	return 0;
}

int history_tell(struct capture *capture, const struct ipc_flow_key *key, uint64_t ops, uint64_t bytes)
{
	struct flow_history *history;

	HASH_FIND(hh, capture->histories, key, sizeof(*key), history);
	if (!history) {
		history = calloc(1, sizeof(*history));
		if (!history)
			return -ENOMEM;
		history->key = *key;
		HASH_ADD(hh, capture->histories, key, sizeof(history->key), history);
	}
	history->now_ops += ops;
	history->now_bytes += bytes;
	return 0;
}

int history_end(struct capture *capture)
{
	struct flow_history *history, *next;
	uint32_t frame = capture->cut_count - 1;

	HASH_ITER(hh, capture->histories, history, next) {
		uint64_t ops = history->now_ops, bytes = history->now_bytes;
		int error;

		/* An entry that moved between two places while it was read shows in the next frame. */
		if (ops < history->ops || bytes < history->bytes)
			continue;
		error = series_add(&history->series, frame, ops - history->ops, bytes - history->bytes);
		if (error)
			return error;
		history->ops = ops;
		history->bytes = bytes;
	}
	return 0;
}

bool history_told(const struct capture *capture, const struct ipc_flow_key *key, uint64_t *ret_ops,
		  uint64_t *ret_bytes)
{
	struct flow_history *history;

	HASH_FIND(hh, capture->histories, key, sizeof(*key), history);
	if (!history || (!history->ops && !history->bytes))
		return false;
	*ret_ops = history->ops;
	*ret_bytes = history->bytes;
	return true;
}

const struct series *history_of(const struct capture *capture, const struct ipc_flow_key *key)
{
	struct flow_history *history;

	HASH_FIND(hh, capture->histories, key, sizeof(*key), history);
	return history ? &history->series : NULL;
}

void history_done(struct capture *capture)
{
	struct flow_history *history, *next;

	HASH_ITER(hh, capture->histories, history, next) {
		HASH_DEL(capture->histories, history);
		series_done(&history->series);
		free(history);
	}
	free(capture->cuts);
	capture->cuts = NULL;
	capture->cut_count = 0;
}
