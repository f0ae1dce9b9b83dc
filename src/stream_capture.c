// SPDX-License-Identifier: GPL-2.0-only
#include "stream_capture.h"
int stream_tally_add(struct stream_tally *tally, const struct ipc_event *event) { (void)tally; (void)event; return 0; }
void stream_tally_done(struct stream_tally *tally) { (void)tally; }
void stream_capture_begin(struct out *out, const char *started) { (void)out; (void)started; }
int stream_capture_end(struct out *out, struct capture *capture, const struct map *head, const struct stream_tally *tally) { (void)out; (void)capture; (void)head; (void)tally; return 0; }
uint64_t stream_object_number(uint8_t mechanism, uint64_t object) { (void)mechanism; return object; }
