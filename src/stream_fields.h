/* SPDX-License-Identifier: GPL-2.0-only */
/* Fields of a stream's lines that are being read. What is missing or something else is 0. */
#ifndef IPCMAP_STREAM_FIELDS_H
#define IPCMAP_STREAM_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct ipc_flow_key;

/* A whole number that is not negative; jq writes large ones with an exponent. */
uint64_t stream_number(const json_t *number);
uint64_t stream_field(const json_t *object, const char *key);

/* Bytes from hexadecimal digits into to: at most size of them. Returns how many. */
size_t stream_hex(const json_t *object, const char *key, void *to, size_t size);

/* The same as a new C string, up to its first NUL; NULL: no such field, or it is empty. */
char *stream_hex_string(const json_t *object, const char *key);

/* What identifies a flow's channel: "mechanism" and "key". 0 or -EINVAL. */
int stream_key(const json_t *line, struct ipc_flow_key *key);

/* "2026-11-24T03:17:22.123456789Z", ns since 1970; 0: it is none. */
uint64_t stream_clock(const json_t *line, const char *key);

/* Which process "src" or "dst" is. */
void stream_process_key(const json_t *object, uint32_t *ret_tgid, uint64_t *ret_start);

#endif
