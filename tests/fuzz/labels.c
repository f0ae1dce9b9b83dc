// SPDX-License-Identifier: GPL-2.0-only
/*
 * A name, as the traced machine may choose it: in a label, in a tooltip, in the title and at a
 * frame, drawn by Graphviz and read back it is the same text, and beside it nothing is
 * other than with a harmless name. Through DOT, likewise; and in XML.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <graphviz/gvc.h>

#include "../../src/emit_text.h"
#include "../../src/label.h"
#include "../../src/text.h"
#include "../unit/xml.h"

#define NAME_SIZE 160 /* of a longer one a tooltip has not all */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Graphviz, Pango and fontconfig leak; what is ours is allocated outside of these. */
void __lsan_disable(void);
void __lsan_enable(void);

static GVC_t *context;
static char *harmless; /* the skeleton of a drawing with a harmless name */

static void require(bool holds, const char *what, const char *name)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: %s: '%s'\n", what, name);
	abort();
}

/* As cgraph takes it: HTML, in the fonts' elements that label.c puts around names. */
static void html_set(Agraph_t *root, void *object, const char *text)
{
	char *escaped = label_escape(text), *html, *kept;

	if (!escaped || asprintf(&html, "<B><FONT POINT-SIZE=\"9\">%s</FONT></B>", escaped) < 0)
		abort();
	kept = agstrdup_html(root, html);
	agset(object, (char *)"label", kept);
	agstrfree(root, kept);
	free(html);
	free(escaped);
}

static Agraph_t *graph_of(const char *text)
{
	char *tooltip = tooltip_escape(text);
	Agraph_t *root = agopen((char *)"ipcmap", Agdirected, NULL), *frame;
	Agnode_t *node;

	if (!tooltip || !root)
		abort();
	agattr(root, AGRAPH, (char *)"charset", (char *)"UTF-8");
	agattr(root, AGRAPH, (char *)"label", (char *)"");
	agattr(root, AGRAPH, (char *)"tooltip", (char *)"ipcmap");
	agattr(root, AGNODE, (char *)"label", (char *)"");
	agattr(root, AGNODE, (char *)"tooltip", (char *)"");
	frame = agsubg(root, (char *)"cluster_1", 1);
	node = agnode(frame, (char *)"p1", 1);
	html_set(root, root, text);
	html_set(root, frame, text);
	html_set(root, node, text);
	agset(node, (char *)"tooltip", tooltip);
	agset(frame, (char *)"tooltip", tooltip);
	free(tooltip);
	return root;
}

/* The caller frees it. */
static char *svg_of(Agraph_t *root)
{
	unsigned int size = 0;
	char *data = NULL, *svg;

	if (gvLayout(context, root, "dot") || gvRenderData(context, root, "svg", &data, &size))
		return NULL;
	svg = strndup(data, size);
	gvFreeRenderData(data);
	gvFreeLayout(context, root);
	return svg;
}

/* Tags and names of attributes, without text and values: in place. */
static void skeleton(char *svg)
{
	bool tag = false, quoted = false;
	char *to = svg;

	for (const char *at = svg; *at; at++) {
		if (!tag && *at == '<')
			tag = true;
		if (tag && *at == '"')
			quoted = !quoted;
		if (tag && !quoted)
			*to++ = *at;
		if (tag && !quoted && *at == '>')
			tag = false;
	}
	*to = '\0';
}

/* A second blank is kept as U+00A0, which the reader of XML takes for a blank again. */
static char *spaces_same(const char *text)
{
	char *same = strdup(text), *to = same;

	for (const char *at = text; to && *at; at++) {
		if (!strncmp(at, "\xc2\xa0", 2)) {
			*to++ = ' ';
			at++;
		} else {
			*to++ = *at;
		}
	}
	*to = '\0';
	return same;
}

static size_t count_lines(const char *lines, const char *line)
{
	size_t count = 0, len = strlen(line);

	for (const char *at = lines; (at = strstr(at, line)) && *at; at++)
		count += at > lines && at[-1] == '\n' && at[len] == '\n';
	return count;
}

static void svg_check(char *svg, const char *name)
{
	char *plain = spaces_same(name), *shown = plain, *titles, *texts;
	struct xml xml;

	require(xml_read(&xml, svg) == NULL, xml.error ? xml.error : "", name);
	titles = spaces_same(xml.title);
	texts = spaces_same(xml.text);
	require(count_lines(titles, plain) == 2, "in tooltips", name);
	if (!name[strspn(name, " ")] && asprintf(&shown, "\"%s\"", plain) < 0)
		abort();
	require(count_lines(texts, shown) == 3, "in labels", name);
	skeleton(svg);
	require(!harmless || !strcmp(svg, harmless), "the rest of the drawing", name);
	if (shown != plain)
		free(shown);
	free(plain);
	free(titles);
	free(texts);
	free(xml.text);
	free(xml.title);
}

/* Through the text of DOT, which is what users get. */
static char *dot_of(Agraph_t *root)
{
	char *data = NULL;
	size_t size;
	FILE *file = open_memstream(&data, &size);

	if (!file || agwrite(root, file) || fclose(file))
		abort();
	return data;
}

static void xml_check(const char *name)
{
	struct xml xml;
	char *data, *line, *texts;
	size_t size;
	FILE *file = open_memstream(&data, &size);

	fputs("<a b=\"", file);
	put_xml(file, name);
	fputs("\">", file);
	put_xml(file, name);
	fputs("</a>", file);
	fclose(file);
	require(xml_read(&xml, data) == NULL, "XML", name);
	line = spaces_same(name);
	texts = spaces_same(xml.text);
	require(count_lines(texts, line) == 1, "XML's text", name);
	free(line);
	free(texts);
	free(xml.text);
	free(xml.title);
	free(data);
}

static void name_check(const char *name)
{
	Agraph_t *root, *again;
	char *svg, *dot;

	__lsan_disable();
	root = graph_of(name);
	dot = dot_of(root);
	svg = svg_of(root);
	require(svg != NULL, "not drawn", name);
	svg_check(svg, name);
	if (!harmless) {
		harmless = svg;
		svg = NULL;
	}
	agclose(root);
	again = agmemread(dot);
	require(again != NULL, "DOT", name);
	free(svg);
	svg = svg_of(again);
	require(svg != NULL, "DOT not drawn", name);
	svg_check(svg, name);
	agclose(again);
	free(svg);
	free(dot);
	__lsan_enable();
	xml_check(name);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	__lsan_disable();
	context = gvContext();
	__lsan_enable();
	if (!context)
		return 1;
	name_check("harmless");
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = text_clean((const char *)data, size < NAME_SIZE ? size : NAME_SIZE);

	/* An empty tooltip is the label's; the drawing's own names are in it more often. */
	if (name && *name && strcmp(name, "ipcmap") && strcmp(name, "cluster_1") && strcmp(name, "p1"))
		name_check(name);
	free(name);
	return 0;
}
