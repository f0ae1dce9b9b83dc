/* SPDX-License-Identifier: GPL-2.0-only */
/* A small strict reader of XML: well-formed or not, and the text that is in it. */
#ifndef TEST_XML_H
#define TEST_XML_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct xml {
	const char *at;
	const char *error;
	char stack[64][32];
	int depth;
	FILE *texts, *titles; /* one per line: element text, xlink:title attributes */
	char *text, *title;
	size_t text_size, title_size;
};

static void xml_fail(struct xml *xml, const char *error)
{
	if (!xml->error)
		xml->error = error;
}

static void utf8_put(FILE *file, unsigned long code)
{
	if (code == 0xa0) {
		fputc(' ', file); /* Graphviz's way to keep a second blank */
	} else if (code < 0x80) {
		fputc((int)code, file);
	} else if (code < 0x800) {
		fprintf(file, "%c%c", (int)(0xc0 | code >> 6), (int)(0x80 | (code & 0x3f)));
	} else {
		fprintf(file, "%c%c%c", (int)(0xe0 | code >> 12),
			(int)(0x80 | (code >> 6 & 0x3f)), (int)(0x80 | (code & 0x3f)));
	}
}

static void xml_entity(struct xml *xml, FILE *out)
{
	static const struct {
		const char *name;
		char c;
	} entities[] = {
		{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' },
	};
	unsigned long code;
	char *end;

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		size_t len = strlen(entities[i].name);

		if (strncmp(xml->at, entities[i].name, len) == 0) {
			fputc(entities[i].c, out);
			xml->at += len;
			return;
		}
	}
	code = strncmp(xml->at, "&#x", 3) == 0 ? strtoul(xml->at + 3, &end, 16) :
	       strncmp(xml->at, "&#", 2) == 0  ? strtoul(xml->at + 2, &end, 10) :
						 (end = NULL, 0);
	if (!end || *end != ';' || (code < 0x20 && code != '\n' && code != '\t')) {
		xml_fail(xml, "a bare & or a wrong entity");
		xml->at++;
		return;
	}
	utf8_put(out, code);
	xml->at = end + 1;
}

/* Text up to one of the bytes in stop. */
static void xml_text(struct xml *xml, const char *stop, FILE *out)
{
	while (*xml->at && !strchr(stop, *xml->at) && !xml->error) {
		unsigned char c = (unsigned char)*xml->at;

		if (strncmp(xml->at, "]]>", 3) == 0)
			xml_fail(xml, "]]> in text");
		if (c == '<' || c == 0x7f || (c < 0x20 && c != '\n' && c != '\t'))
			xml_fail(xml, "a byte that has no place here");
		if (c == '&') {
			xml_entity(xml, out);
		} else {
			fputc(c, out);
			xml->at++;
		}
	}
}

static size_t xml_name(struct xml *xml)
{
	size_t len = strspn(xml->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:._-");

	if (len == 0 || len >= sizeof(xml->stack[0]))
		xml_fail(xml, "not a name");
	return len;
}

static void xml_attributes(struct xml *xml)
{
	for (;;) {
		bool title;
		size_t len;

		xml->at += strspn(xml->at, " \n");
		if (xml->error || !*xml->at || *xml->at == '>' || *xml->at == '/')
			return;
		len = xml_name(xml);
		title = len == 11 && strncmp(xml->at, "xlink:title", len) == 0;
		xml->at += len;
		if (strncmp(xml->at, "=\"", 2) != 0) {
			xml_fail(xml, "an attribute without value");
			return;
		}
		xml->at += 2;
		if (title) {
			xml_text(xml, "\"", xml->titles);
			fputc('\n', xml->titles);
		} else {
			FILE *nowhere = fopen("/dev/null", "w");

			xml_text(xml, "\"", nowhere);
			fclose(nowhere);
		}
		if (*xml->at != '"')
			xml_fail(xml, "an attribute that does not end");
		else
			xml->at++;
	}
}

static void xml_tag(struct xml *xml)
{
	size_t len;

	if (xml->at[1] == '/') {
		xml->at += 2;
		len = xml_name(xml);
		if (xml->depth == 0 || strlen(xml->stack[xml->depth - 1]) != len ||
		    strncmp(xml->stack[xml->depth - 1], xml->at, len) != 0 || xml->at[len] != '>')
			xml_fail(xml, "an end without its begin");
		xml->depth--;
		xml->at += len + 1;
		return;
	}
	xml->at++;
	len = xml_name(xml);
	if (xml->depth == 64)
		xml_fail(xml, "too deep");
	if (xml->error)
		return;
	snprintf(xml->stack[xml->depth++], 32, "%.*s", (int)len, xml->at);
	xml->at += len;
	xml_attributes(xml);
	if (strncmp(xml->at, "/>", 2) == 0) {
		xml->depth--;
		xml->at++;
	}
	if (*xml->at != '>')
		xml_fail(xml, "a tag that does not end");
	else
		xml->at++;
}

static void xml_skip(struct xml *xml, const char *end)
{
	const char *found = strstr(xml->at, end);

	if (!found)
		xml_fail(xml, "a comment that does not end");
	else
		xml->at = found + strlen(end);
}

/* Returns NULL or what is wrong. xml->text and xml->title are freed by the caller. */
static const char *xml_read(struct xml *xml, const char *data)
{
	*xml = (struct xml){ .at = data };
	xml->texts = open_memstream(&xml->text, &xml->text_size);
	xml->titles = open_memstream(&xml->title, &xml->title_size);
	fputc('\n', xml->texts);
	fputc('\n', xml->titles);
	while (*xml->at && !xml->error) {
		if (strncmp(xml->at, "<!--", 4) == 0)
			xml_skip(xml, "-->");
		else if (strncmp(xml->at, "<?", 2) == 0)
			xml_skip(xml, "?>");
		else if (strncmp(xml->at, "<![CDATA[", 9) == 0)
			xml_skip(xml, "]]>");
		else if (strncmp(xml->at, "<!DOCTYPE", 9) == 0)
			xml_skip(xml, ">");
		else if (*xml->at == '<')
			xml_tag(xml);
		else
			xml_text(xml, "<", xml->texts);
		if (*xml->at == '<')
			fputc('\n', xml->texts);
	}
	if (xml->depth != 0)
		xml_fail(xml, "cut short");
	fclose(xml->texts);
	fclose(xml->titles);
	return xml->error;
}

#endif
