/* SPDX-License-Identifier: GPL-2.0-only */
/* Names that try to be something else than text, in every place that a name can be in. */
#ifndef TEST_HOSTILE_H
#define TEST_HOSTILE_H

#include "sample.h"

#define LEN(array) (sizeof(array) / sizeof(array[0]))

static const char *const hostile[] = {
	"\"quoted\" 'name'",
	"back\\slash\\\\two",
	"trailing\\",
	"\\N \\G \\L \\E \\T \\H",
	"\\n\\l\\r",
	"<b>bold</b><BR/>",
	"&amp; &lt; &#65; &bogus; &",
	"a\nb\tc\033[31m\x7f",
	"\xff\xfe\xc0\xaf",
	"]]> --> <!-- <![CDATA[",
	"</text></svg><script>alert(1)</script>",
	"\" onload=\"alert(1)",
	"\"]; evil -> node [label=\"",
	">];}digraph{",
	"   ",
	"",
	"rtl \xe2\x80\xae name",
	"%s%n%d",
	"東京 naïve 🙂",
	"\\\"\\",
	"x\\\ny",
	"=1+1",
	"@SUM(A1)",
	"fa:fa-user",
	"1. list",
	"- list",
	"`code`",
	"#35;",
	"p1 --> p2",
	"%%{init: {'theme':'dark'}}%%",
	"end",
	"a, b; c | d",
	"]",
	"[kworker/0:1]",
};

/* The hostile names in every place that a name can be in. */
MAYBE_UNUSED static struct map *hostile_map(void)
{
	struct map *map = sample_head();
	size_t previous = 0;

	free(map->host);
	map->host = text_clean("h<o>&\\\"st", 9);
	for (size_t i = 0; i < LEN(hostile); i++) {
		size_t p = sample_process(map, (int64_t)i, (double)i, hostile[i]);
		size_t c = sample_channel(map, "unix-stream", hostile[i], hostile[i]);
		struct node *node = &map->nodes[p];

		node->exe = text_clean(hostile[i], strlen(hostile[i]));
		node->unit = text_clean(hostile[i], strlen(hostile[i]));
		node->cgroup = text_clean(hostile[i], strlen(hostile[i]));
		node->cmdline = text_clean(hostile[i], strlen(hostile[i]));
		node->listens = text_clean(hostile[i], strlen(hostile[i]));
		if (i % 2)
			node->container = text_clean(hostile[i], strlen(hostile[i]));
		node->cluster = text_clean(hostile[i], strlen(hostile[i]));
		sample_edge(map, previous, p, c, i, i * 100);
		sample_edge(map, previous, p, MAP_NO_CHANNEL, 1, 0)->signal =
			text_clean(hostile[i], strlen(hostile[i]));
		previous = p;
	}
	free(map->completeness.mechanisms[1].reason);
	map->completeness.mechanisms[1].reason = strdup("</TD> & \\N <b>");
	assert_int_equal(map_sort(map), 0);
	return map;
}

#endif
