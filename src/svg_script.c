// SPDX-License-Identifier: GPL-2.0-only
#include "svg_script.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"

/*
 * [tail, head, [bytes of each row]], the rows in the order of the tooltip's lines.
 * Ids and figures only: no name of the system gets into a script.
 */
static void put_lines(FILE *file, const struct graph *graph)
{
	fputs("const lines = [", file);
	for (size_t i = 0; i < graph->line_count; i++) {
		const struct line *line = &graph->lines[i];

		fprintf(file, "%s[\"%s\",\"%s\",[", i ? ",\n" : "\n",
			graph->map->nodes[line->tail].id, graph->map->nodes[line->head].id);
		for (size_t j = 0; j < line->row_count; j++)
			fprintf(file, "%s%" PRIu64, j ? "," : "", row_bytes(&line->rows[j]));
		fputs("]]", file);
	}
	fputs("\n];\n", file);
}

char *svg_script_add(const char *svg, size_t size, const struct graph *graph, size_t *ret_size)
{
	const char *end = NULL, *at = svg, *begin = memmem(svg, size, "<svg", 4), *inside = NULL;
	char *data = NULL;
	FILE *file;
	bool failed;

	while ((at = memmem(at, size - (size_t)(at - svg), "</svg>", 6)) != NULL)
		end = at++;
	if (begin && end)
		inside = memchr(begin, '>', (size_t)(end - begin));
	file = inside ? open_memstream(&data, ret_size) : NULL;
	if (!file)
		return NULL;
	fwrite(svg, 1, (size_t)(inside - svg), file);
	fprintf(file, " xml:space=\"preserve\" class=\"ipcmap\">\n<style type=\"text/css\"><![CDATA[\n%s]]></style>",
		embedded_svg_css);
	inside++;
	fwrite(inside, 1, (size_t)(end - inside), file);
	fputs("<script type=\"text/javascript\"><![CDATA[\n(() => {\n\"use strict\";\n", file);
	put_lines(file, graph);
	fprintf(file, "%s%s})();\n]]></script>\n</svg>\n", embedded_svg_js,
		graph->map->moment.plays > 0 ? embedded_play_js : "");
	failed = ferror(file) != 0;
	failed |= fclose(file) != 0;
	if (!failed)
		return data;
	free(data);
	return NULL;
}
