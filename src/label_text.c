// SPDX-License-Identifier: GPL-2.0-only
/* Escapes of the two kinds of text that Graphviz reads, and the names of nodes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "label.h"
#include "text.h"

#define TOOLTIP_SIZE 4096

static const char *label_escape_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\\':
		/* \N, \G ... stand for something in HTML-like labels too. */
		return "\\\\";
	case ']':
		/* Expat keeps a text's last one back (it may begin "]]>"), and Graphviz is confused. */
		return "&#93;";
	default:
		return NULL;
	}
}

static const char *tooltip_escape_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '\\':
		/* Graphviz expands the escapes of a tooltip twice. */
		return "\\\\\\\\";
	default:
		return NULL;
	}
}

/* Stops before the character (all its bytes) that would not fit into limit. */
static char *escape(const char *text, const char *(*escape_of)(char c), size_t limit,
		    const char *end)
{
	size_t size = 0, cut = 0;
	char *escaped, *out;

	for (size_t i = 0; text[i]; i++) {
		const char *name = escape_of(text[i]);

		if (((unsigned char)text[i] & 0xc0) != 0x80 && size + strlen(end) + 4 < limit)
			cut = size;
		size += name ? strlen(name) : 1;
	}
	if (size < limit)
		cut = size;
	escaped = malloc(cut + strlen(end) + 1);
	if (!escaped)
		return NULL;
	out = escaped;
	for (size_t i = 0; (size_t)(out - escaped) < cut; i++) {
		const char *name = escape_of(text[i]);

		if (name)
			out = stpcpy(out, name);
		else
			*out++ = text[i];
	}
	strcpy(out, cut < size ? end : "");
	return escaped;
}

char *label_escape(const char *text)
{
	/* "<B></B>" is a syntax error, and blanks alone show nothing. */
	if (text[strspn(text, " ")] == '\0') {
		char *quoted;

		return asprintf(&quoted, "&quot;%s&quot;", text) < 0 ? NULL : quoted;
	}
	return escape(text, label_escape_of, SIZE_MAX, "");
}

char *tooltip_escape(const char *text)
{
	/* cgraph 2.43 takes it for a number (agstrcanon()), writes it bare, and can't read it again. */
	if (!strcmp(text, "-."))
		return strdup("&#45;.");
	return escape(text, tooltip_escape_of, TOOLTIP_SIZE, "…");
}

char *text_grouped(char *buf, size_t size, uint64_t count)
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count);
	size_t out = 0;

	for (size_t i = 0; i < len && out + 2 < size; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf[out++] = ',';
		buf[out++] = digits[i];
	}
	buf[out] = '\0';
	return buf;
}

static const char *process_name(const struct node *node)
{
	const char *slash;

	if (node->comm)
		return node->comm;
	if (!node->exe)
		return "?";
	slash = strrchr(node->exe, '/');
	return slash ? slash + 1 : node->exe;
}

char *node_name(const struct map *map, const struct node *node)
{
	const struct channel *channel;
	const char *text;
	char *bracketed;

	if (node->name)
		return strdup(node->name);
	switch (node->kind) {
	case NODE_PROCESS:
		if (!node->kthread)
			return strdup(process_name(node));
		return asprintf(&bracketed, "[%s]", process_name(node)) < 0 ? NULL : bracketed;
	case NODE_HUB:
		channel = &map->channels[node->channel];
		text = channel->name ? channel->name : channel->object;
		return strdup(text ? text : channel->mechanism);
	case NODE_EXTERNAL:
		return strdup(node->address ? node->address : "outside");
	default:
		return strdup("kernel");
	}
}
