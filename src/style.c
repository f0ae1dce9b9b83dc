// SPDX-License-Identifier: GPL-2.0-only
#include "style.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"

#define COLOUR_UNKNOWN "#495057"

static void attributes_free(struct style_attribute *attributes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(attributes[i].name);
		free(attributes[i].value);
	}
	free(attributes);
}

void style_free(struct style *style)
{
	if (!style)
		return;
	for (size_t i = 0; i < style->rule_count; i++) {
		attributes_free(style->rules[i].conditions, style->rules[i].condition_count);
		attributes_free(style->rules[i].attributes, style->rules[i].attribute_count);
	}
	for (size_t i = 0; i < style->palette_count; i++)
		free(style->palette[i]);
	free(style->rules);
	free(style->palette);
	free(style);
}

const struct style *style_default(void)
{
	static struct style *built_in;
	char *error = NULL;

	if (!built_in)
		style_parse(embedded_style("default"), "the built-in default.style", &built_in,
			    &error);
	free(error);
	return built_in;
}

static bool condition_holds(const struct style_attribute *condition,
			    const struct style_fact *facts)
{
	for (; facts && facts->key; facts++) {
		if (facts->value && strcmp(facts->key, condition->name) == 0 &&
		    fnmatch(condition->value, facts->value, 0) == 0)
			return true;
	}
	return false;
}

static bool rule_holds(const struct style_rule *rule, enum style_subject subject,
		       const struct style_fact *facts)
{
	bool once = subject == STYLE_NODE || subject == STYLE_EDGE;

	if (rule->subject != subject || (once && facts && rule->condition_count == 0))
		return false;
	for (size_t i = 0; i < rule->condition_count; i++) {
		if (!condition_holds(&rule->conditions[i], facts))
			return false;
	}
	return true;
}

void style_apply(const struct style *style, enum style_subject subject,
		 const struct style_fact *facts,
		 void (*apply)(void *context, const char *name, const char *value), void *context)
{
	for (size_t i = 0; style && i < style->rule_count; i++) {
		const struct style_rule *rule = &style->rules[i];

		if (!rule_holds(rule, subject, facts))
			continue;
		for (size_t j = 0; j < rule->attribute_count; j++)
			apply(context, rule->attributes[j].name, rule->attributes[j].value);
	}
}

struct search {
	const char *name, *value;
};

static void search_apply(void *context, const char *name, const char *value)
{
	struct search *search = context;

	if (strcmp(name, search->name) == 0)
		search->value = value;
}

const char *style_value(const struct style *style, enum style_subject subject,
			const struct style_fact *facts, const char *name)
{
	struct search search = { .name = name };

	style_apply(style, subject, facts, search_apply, &search);
	return search.value;
}

const char *style_of(const struct style *style, enum style_subject subject, const char *name,
		     const char *otherwise)
{
	const char *value = style_value(style, subject, NULL, name);

	return value ? value : otherwise;
}

/* FNV-1a: a mechanism that no style knows has the same colour in every drawing. */
static const char *palette_colour(const struct style *style, const char *mechanism)
{
	uint32_t hash = 2166136261u;

	if (!style || style->palette_count == 0)
		return COLOUR_UNKNOWN;
	for (; *mechanism; mechanism++)
		hash = (hash ^ (unsigned char)*mechanism) * 16777619u;
	return style->palette[hash % style->palette_count];
}

const char *style_colour(const struct style *style, const char *mechanism)
{
	const struct style_fact facts[] = { { "name", mechanism }, { NULL, NULL } };
	const char *colour = style_value(style, STYLE_MECHANISM, facts, "color");

	return colour ? colour : palette_colour(style, mechanism);
}

const char *style_text_colour(const struct style *style, const char *mechanism)
{
	const struct style_fact facts[] = { { "name", mechanism }, { NULL, NULL } };
	const char *colour = style_value(style, STYLE_MECHANISM, facts, "fontcolor");

	return colour ? colour : style_colour(style, mechanism);
}

const char *style_change_colour(const struct style *style, enum change change)
{
	const struct style_fact facts[] = { { "state", change_name(change) }, { NULL, NULL } };
	const char *colour = style_value(style, STYLE_EDGE, facts, "fontcolor");

	colour = colour ? colour : style_value(style, STYLE_EDGE, facts, "color");
	return colour ? colour : style_of(style, STYLE_DETAIL, "fontcolor", "black");
}

const char *style_row_colour(const struct style *style, const struct row *row)
{
	const char *colour = NULL;

	if (row->change)
		return style_change_colour(style, row->change);
	if (row->kind == ROW_IDLE)
		colour = style_of(style, STYLE_IDLE, "fontcolor", NULL);
	return colour ? colour : style_text_colour(style, row->mechanism);
}

double style_width(uint64_t bytes)
{
	double width = bytes > 0 ? .5 + .5 * (log10((double)bytes) - 1) : 0;

	return fmin(fmax(width, .8), 5);
}

int style_font_size(uint64_t bytes, uint64_t all)
{
	double share = all > 0 ? fmin((double)bytes / (double)all, 1) : 0;

	return (int)lround(11 + 5 * sqrt(share));
}
