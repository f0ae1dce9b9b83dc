// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads styles. styles/README.md has the format; in short:
 *
 *	base NAME                                  begin with another style
 *	palette [ COLOUR, ... ]                    for mechanisms without a rule
 *	SUBJECT [KEY=]GLOB ... [ ATTRIBUTE=VALUE, ... ]
 *
 * Only attributes that change the look of the drawing are taken: a style from
 * a stranger can't read files, nor put text into a map.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "style.h"
#include "style_words.h"
#include "text.h"

#define FILE_SIZE (256 * 1024)
#define TOKEN_SIZE 256
#define PROBLEM_SIZE 1024
#define BASES 8

#ifndef IPCMAP_SHARE
#define IPCMAP_SHARE "/usr/local/share/ipcmap"
#endif

struct parser {
	const char *at, *where;
	int line;
	struct style *style;
	int depth; /* of bases in bases */
	char *error;
};

/* Only the first mistake is told. Returns -EINVAL. */
__attribute__((format(printf, 2, 3)))
static int mistake(struct parser *p, const char *format, ...)
{
	va_list args;
	char *what;

	if (p->error)
		return -EINVAL;
	va_start(args, format);
	if (vasprintf(&what, format, args) < 0)
		what = NULL;
	va_end(args);
	if (asprintf(&p->error, "%s:%d: %s", p->where, p->line, what ? what : "a mistake") < 0)
		p->error = NULL;
	free(what);
	return -EINVAL;
}

/* "# text" is a comment, "#c92a2a" a colour. */
static void blanks_skip(struct parser *p)
{
	for (;; p->at++) {
		if (*p->at == '#' && strchr(" \t\r\n#!", p->at[1]))
			p->at += strcspn(p->at, "\n");
		if (*p->at == '\n')
			p->line++;
		else if (!*p->at || !strchr(" \t\r", *p->at))
			return;
	}
}

/* What stands here, for a mistake. */
static const char *here(const struct parser *p, char *buf, size_t size)
{
	size_t len = strcspn(p->at, " \t\r\n");
	char *clean;

	if (!*p->at)
		return "the end of the file";
	if (len == 0)
		return "the end of the line";
	clean = text_clean(p->at, len < 32 ? len : 32);
	snprintf(buf, size, "'%s'", clean ? clean : "?");
	free(clean);
	return buf;
}

static int expected(struct parser *p, const char *what)
{
	char buf[160];

	return mistake(p, "expected %s, not %s", what, here(p, buf, sizeof(buf)));
}

/* "quoted", or the bytes up to one of stop. token has TOKEN_SIZE bytes. */
static int token_read(struct parser *p, const char *stop, const char *what, char *token)
{
	bool quoted = *p->at == '"';
	const char *begin = p->at + quoted;
	size_t len = strcspn(begin, quoted ? "\"\n" : stop);

	if (quoted && begin[len] != '"')
		return mistake(p, "expected a closing \" on this line");
	if (len == 0 && !quoted)
		return expected(p, what);
	if (len >= TOKEN_SIZE)
		return mistake(p, "expected %s of at most %d bytes", what, TOKEN_SIZE - 1);
	memcpy(token, begin, len);
	token[len] = '\0';
	p->at = begin + len + quoted;
	return 0;
}

static int attribute_add(struct parser *p, struct style_attribute **attributes, size_t *count,
			 const char *name, const char *value)
{
	struct style_attribute *array, *added;

	array = reallocarray(*attributes, *count + 1, sizeof(*array));
	if (!array)
		return mistake(p, "out of memory");
	*attributes = array;
	added = &array[(*count)++];
	added->name = strdup(name);
	added->value = strdup(value);
	return added->name && added->value ? 0 : mistake(p, "out of memory");
}

static int attribute_parse(struct parser *p, struct style_rule *rule)
{
	char name[TOKEN_SIZE], value[TOKEN_SIZE], problem[PROBLEM_SIZE];
	int rc;

	rc = token_read(p, " \t\r\n=,]", "an attribute", name);
	if (rc < 0)
		return rc;
	blanks_skip(p);
	if (*p->at != '=') {
		snprintf(problem, sizeof(problem), "= after '%s'", name);
		return expected(p, problem);
	}
	p->at += 1 + strspn(p->at + 1, " \t");
	rc = token_read(p, " \t\r\n,;]", "a value", value);
	if (rc < 0)
		return rc;
	if (!style_word_check(rule->subject, name, value, problem, sizeof(problem)))
		return mistake(p, "%s", problem);
	return attribute_add(p, &rule->attributes, &rule->attribute_count, name, value);
}

/* After "[": calls item for each up to "]". */
static int list_parse(struct parser *p, struct style_rule *rule,
		      int (*item)(struct parser *p, struct style_rule *rule))
{
	int rc = 0;

	if (*p->at != '[')
		return expected(p, "[");
	p->at++;
	blanks_skip(p);
	while (rc == 0 && *p->at != ']') {
		rc = item(p, rule);
		if (rc < 0)
			break;
		blanks_skip(p);
		if (*p->at == ',' || *p->at == ';') {
			p->at++;
			blanks_skip(p);
		} else if (*p->at != ']') {
			rc = expected(p, ", or ]");
		}
	}
	if (rc == 0)
		p->at++;
	return rc;
}

static int palette_item(struct parser *p, struct style_rule *rule)
{
	char colour[TOKEN_SIZE], problem[PROBLEM_SIZE];
	struct style *style = p->style;
	char **palette;
	int rc = token_read(p, " \t\r\n,;]", "a colour", colour);

	if (rc < 0)
		return rc;
	if (!style_word_check(rule->subject, "color", colour, problem, sizeof(problem)))
		return mistake(p, "%s", problem);
	palette = reallocarray(style->palette, style->palette_count + 1, sizeof(*palette));
	if (!palette)
		return mistake(p, "out of memory");
	style->palette = palette;
	palette[style->palette_count] = strdup(colour);
	return palette[style->palette_count++] ? 0 : mistake(p, "out of memory");
}

/* A palette takes the place of that of the base. */
static int palette_parse(struct parser *p)
{
	struct style_rule rule = { .subject = STYLE_MECHANISM };

	while (p->style->palette_count > 0)
		free(p->style->palette[--p->style->palette_count]);
	return list_parse(p, &rule, palette_item);
}

/* "KEY=GLOB", or "GLOB" alone, which is a name. */
static int condition_parse(struct parser *p, struct style_rule *rule)
{
	char key[TOKEN_SIZE], glob[TOKEN_SIZE], problem[PROBLEM_SIZE];
	bool quoted = *p->at == '"';
	int rc = token_read(p, " \t\r\n=[", "a condition or [", key);

	if (rc < 0)
		return rc;
	if (quoted || *p->at != '=') {
		strcpy(glob, key);
		strcpy(key, "name");
	} else {
		p->at++;
		rc = token_read(p, " \t\r\n[", "a glob", glob);
		if (rc < 0)
			return rc;
	}
	if (!style_key_check(rule->subject, key, problem, sizeof(problem)) ||
	    !style_glob_check(rule->subject, key, glob, problem, sizeof(problem)))
		return mistake(p, "%s", problem);
	return attribute_add(p, &rule->conditions, &rule->condition_count, key, glob);
}

static int rule_parse(struct parser *p, enum style_subject subject)
{
	struct style *style = p->style;
	struct style_rule *rule;
	int rc = 0;

	rule = reallocarray(style->rules, style->rule_count + 1, sizeof(*rule));
	if (!rule)
		return mistake(p, "out of memory");
	style->rules = rule;
	rule += style->rule_count++;
	*rule = (struct style_rule){ .subject = subject };
	while (rc == 0 && *p->at != '[') {
		rc = condition_parse(p, rule);
		blanks_skip(p);
	}
	return rc ? rc : list_parse(p, rule, attribute_parse);
}

static int text_parse(struct parser *p);
static int style_find(const char *name, char **ret_text, char **ret_where, char **ret_error);

static int base_parse(struct parser *p)
{
	struct parser base = { .line = 1, .style = p->style, .depth = p->depth + 1 };
	char name[TOKEN_SIZE], *text = NULL, *where = NULL, *error = NULL;
	int rc = token_read(p, " \t\r\n", "the name of a style", name);

	if (rc < 0)
		return rc;
	if (p->depth == BASES)
		return mistake(p, "expected no more than %d styles, each the base of the next", BASES);
	/* What is built in is found first: default.style may say "base default". */
	if (embedded_style(name)) {
		base.at = embedded_style(name);
		base.where = name;
		rc = text_parse(&base);
	} else {
		rc = style_find(name, &text, &where, &error);
		base.at = text;
		base.where = where;
		rc = rc ? mistake(p, "%s", error ? error : "out of memory") : text_parse(&base);
	}
	if (base.error && !p->error)
		p->error = base.error;
	free(text);
	free(where);
	free(error);
	return rc;
}

static int text_parse(struct parser *p)
{
	char word[TOKEN_SIZE], problem[PROBLEM_SIZE];
	int rc = 0;

	for (blanks_skip(p); rc == 0 && *p->at; blanks_skip(p)) {
		enum style_subject subject;

		rc = token_read(p, " \t\r\n[=", "the subject of a rule", word);
		if (rc < 0)
			return rc;
		blanks_skip(p);
		if (strcmp(word, "base") == 0)
			rc = base_parse(p);
		else if (strcmp(word, "palette") == 0)
			rc = palette_parse(p);
		else if (style_subject_check(word, &subject, problem, sizeof(problem)))
			rc = rule_parse(p, subject);
		else
			rc = mistake(p, "%s", problem);
	}
	return rc;
}

int style_parse(const char *text, const char *where, struct style **ret_style, char **ret_error)
{
	struct parser p = { .at = text, .where = where, .line = 1 };
	int rc;

	p.style = calloc(1, sizeof(*p.style));
	rc = p.style ? text_parse(&p) : mistake(&p, "out of memory");
	if (rc < 0) {
		style_free(p.style);
		*ret_error = p.error;
		return rc;
	}
	*ret_style = p.style;
	return 0;
}

/* All of a file: 0, or a negative errno (-ENOENT: not there). */
static int file_read(const char *path, char **ret_text)
{
	FILE *file = fopen(path, "re");
	char *text;
	size_t size;
	int rc;

	if (!file)
		return -errno;
	text = malloc(FILE_SIZE + 1);
	if (!text) {
		fclose(file);
		return -ENOMEM;
	}
	errno = 0;
	size = fread(text, 1, FILE_SIZE + 1, file);
	rc = ferror(file) ? (errno ? -errno : -EIO) : size > FILE_SIZE ? -EFBIG : 0;
	fclose(file);
	if (rc == 0 && memchr(text, '\0', size))
		rc = -EINVAL;
	if (rc < 0) {
		free(text);
		return rc;
	}
	text[size] = '\0';
	*ret_text = text;
	return 0;
}

static int cannot_read(const char *path, int rc, char **ret_error)
{
	const char *why = rc == -EFBIG ? "larger than any style" :
			  rc == -EINVAL ? "not a text" : strerror(-rc);

	if (asprintf(ret_error, "cannot read the style '%s': %s", path, why) < 0)
		*ret_error = NULL;
	return rc;
}

static int no_such_style(const char *name, char **ret_error)
{
	char *names = NULL;
	size_t size;
	FILE *file = open_memstream(&names, &size);

	if (!file)
		return -ENOMEM;
	for (size_t i = 0; embedded_style_names[i]; i++)
		fprintf(file, "%s %s", i ? "," : "", embedded_style_names[i]);
	fclose(file);
	if (asprintf(ret_error, "there is no style '%s'; there are%s, or give a file (x.style)", name,
		     names ? names : "") < 0)
		*ret_error = NULL;
	free(names);
	return -ENOENT;
}

/* The n-th folder to look in, with NAME.style, or NULL after the last. "": none such. */
static char *candidate(int n, const char *name)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path;
	int rc;

	if (n == 0)
		rc = asprintf(&path, "%s.style", name);
	else if (n == 1 && config && *config == '/')
		rc = asprintf(&path, "%s/ipcmap/%s.style", config, name);
	else if (n == 1 && home && *home == '/')
		rc = asprintf(&path, "%s/.config/ipcmap/%s.style", home, name);
	else if (n == 1)
		return strdup("");
	else if (n == 2)
		rc = asprintf(&path, IPCMAP_SHARE "/styles/%s.style", name);
	else
		return NULL;
	return rc < 0 ? NULL : path;
}

static bool name_is_file(const char *name)
{
	const char *dot = strrchr(name, '.');

	return strchr(name, '/') || (dot && strcmp(dot, ".style") == 0);
}

static int style_find(const char *name, char **ret_text, char **ret_where, char **ret_error)
{
	char *path;
	int rc;

	if (name_is_file(name)) {
		rc = file_read(name, ret_text);
		if (rc < 0)
			return cannot_read(name, rc, ret_error);
		*ret_where = strdup(name);
		return *ret_where ? 0 : -ENOMEM;
	}
	for (int n = 0; (path = candidate(n, name)) != NULL; n++) {
		rc = file_read(path, ret_text);
		if (rc == 0) {
			*ret_where = path;
			return 0;
		}
		/* EACCES: $HOME is root's still, when it is sudo's caller that reads. */
		if (rc != -ENOENT && rc != -ENOTDIR && rc != -EACCES) {
			rc = cannot_read(path, rc, ret_error);
			free(path);
			return rc;
		}
		free(path);
	}
	if (!embedded_style(name))
		return no_such_style(name, ret_error);
	*ret_text = strdup(embedded_style(name));
	*ret_where = strdup(name);
	return *ret_text && *ret_where ? 0 : -ENOMEM;
}

int style_load(const char *name, struct style **ret_style, char **ret_error)
{
	char *text = NULL, *where = NULL;
	int rc = style_find(name, &text, &where, ret_error);

	if (rc == 0)
		rc = style_parse(text, where, ret_style, ret_error);
	free(text);
	free(where);
	return rc;
}
