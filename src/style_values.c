// SPDX-License-Identifier: GPL-2.0-only
#include "style_values.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

#define WORD_SIZE 64
#define ARROW_SHAPES 4 /* on one end of a line */

/* SVG 1.1, 4.4, which is CSS's list. Graphviz has more, of X11's, which mean something else in some formats. */
static const char colours[] =
	"aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet brown "
	"burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue darkcyan "
	"darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange darkorchid "
	"darkred darksalmon darkseagreen darkslateblue darkslategray darkslategrey darkturquoise darkviolet "
	"deeppink deepskyblue dimgray dimgrey dodgerblue firebrick floralwhite forestgreen fuchsia gainsboro "
	"ghostwhite gold goldenrod gray green greenyellow grey honeydew hotpink indianred indigo ivory khaki "
	"lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral lightcyan lightgoldenrodyellow "
	"lightgray lightgreen lightgrey lightpink lightsalmon lightseagreen lightskyblue lightslategray "
	"lightslategrey lightsteelblue lightyellow lime limegreen linen magenta maroon mediumaquamarine mediumblue "
	"mediumorchid mediumpurple mediumseagreen mediumslateblue mediumspringgreen mediumturquoise "
	"mediumvioletred midnightblue mintcream mistyrose moccasin navajowhite navy oldlace olive olivedrab orange "
	"orangered orchid palegoldenrod palegreen paleturquoise palevioletred papayawhip peachpuff peru pink plum "
	"powderblue purple red rosybrown royalblue saddlebrown salmon sandybrown seagreen seashell sienna silver "
	"skyblue slateblue slategray slategrey snow springgreen steelblue tan teal thistle tomato transparent "
	"turquoise violet wheat white whitesmoke yellow yellowgreen";

static const char arrow_shapes[] = "box crow curve diamond dot icurve inv none normal tee vee";

/* Those of Graphviz, but records, whose labels are a language. */
static const struct {
	const char *attribute, *values;
} lists[] = {
	{ "style", "solid dashed dotted bold rounded filled diagonals striped wedged radial tapered invis" },
	{ "shape", "box rect rectangle square ellipse oval circle egg point plaintext plain none underline triangle "
		   "diamond trapezium parallelogram house pentagon hexagon septagon octagon polygon star cylinder note "
		   "tab folder box3d component cds invtriangle invtrapezium invhouse doublecircle doubleoctagon "
		   "tripleoctagon Mdiamond Msquare Mcircle larrow rarrow" },
	{ "dir", "forward back both none" },
	{ "arrowhead", arrow_shapes },
	{ "arrowtail", arrow_shapes },
	{ "rankdir", "LR RL TB BT" },
	{ "splines", "true false line polyline spline curved ortho none" },
	{ "labelloc", "t c b" },
	{ "labeljust", "l c r" },
};

#define CHANGES "added removed changed same"

static const struct {
	enum style_subject subject;
	const char *key, *values;
} facts[] = {
	{ STYLE_NODE, "role", "master worker listener" },
	{ STYLE_NODE, "state", "kthread exited folded sink silent " CHANGES },
	{ STYLE_HUB, "state", CHANGES },
	{ STYLE_EXTERNAL, "state", CHANGES },
	{ STYLE_EDGE, "state", "both idle signals partial sink child " CHANGES },
	{ STYLE_IDLE, "state", "both idle signals partial sink child " CHANGES },
	{ STYLE_CLUSTER, "kind", "unit container session user" },
};

/* The next word of a list, without its blank. Returns where the rest begins, or NULL: there is none. */
static const char *word_next(const char *list, char word[WORD_SIZE])
{
	size_t len = strcspn(list, " ");

	if (!*list || len >= WORD_SIZE)
		return NULL;
	memcpy(word, list, len);
	word[len] = '\0';
	return list + len + (list[len] == ' ');
}

bool style_list_has(const char *list, const char *word)
{
	char one[WORD_SIZE];

	while ((list = word_next(list, one)))
		if (strcmp(one, word) == 0)
			return true;
	return false;
}

bool style_value_is_colour(const char *value)
{
	size_t len = strlen(value);

	if (*value == '#')
		return (len == 7 || len == 9) && strspn(value + 1, "0123456789abcdefABCDEF") == len - 1;
	return style_list_has(colours, value);
}

/* Up to four shapes, each after "o" (open) and "l" or "r" (half of it). */
static bool arrow_is_known(const char *value)
{
	for (int shapes = 0; *value; shapes++) {
		const char *list = arrow_shapes;
		char shape[WORD_SIZE];
		size_t taken = 0;

		value += *value == 'o';
		value += *value == 'l' || *value == 'r';
		while ((list = word_next(list, shape)))
			if (strncmp(value, shape, strlen(shape)) == 0)
				taken = strlen(shape);
		if (!taken || shapes == ARROW_SHAPES)
			return false;
		value += taken;
	}
	return true;
}

/* "rounded,filled" */
static bool words_are_known(const char *list, const char *value)
{
	while (*value) {
		size_t len = strcspn(value, ",");
		char word[WORD_SIZE];

		if (!len || len >= WORD_SIZE)
			return false;
		memcpy(word, value, len);
		word[len] = '\0';
		if (!style_list_has(list, word))
			return false;
		value += len;
		if (*value == ',' && !*++value)
			return false;
	}
	return true;
}

bool style_value_is_known(const char *attribute, const char *value, const char **ret_expected)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(attribute, lists[i].attribute) != 0)
			continue;
		*ret_expected = lists[i].values;
		if (!*value)
			return false;
		if (lists[i].values == arrow_shapes)
			return arrow_is_known(value);
		return strcmp(attribute, "style") == 0 ? words_are_known(lists[i].values, value) :
							 style_list_has(lists[i].values, value);
	}
	*ret_expected = "";
	return false;
}

bool style_glob_is_possible(enum style_subject subject, const char *key, const char *glob,
			    const char **ret_expected)
{
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		const char *list = facts[i].values;
		char word[WORD_SIZE];

		if (facts[i].subject != subject || strcmp(facts[i].key, key) != 0)
			continue;
		while ((list = word_next(list, word)))
			if (fnmatch(glob, word, 0) == 0)
				return true;
		*ret_expected = facts[i].values;
		return false;
	}
	return true;
}
