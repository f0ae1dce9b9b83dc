// SPDX-License-Identifier: GPL-2.0-only
#include "embedded.h"

#include <stddef.h>
#include <string.h>

/* The assembler looks for the files from where make runs: the top of the tree. */
#define EMBED(symbol, path)                        \
	__asm__(".pushsection .rodata\n"           \
		".global " #symbol "\n"            \
		".hidden " #symbol "\n"            \
		".type " #symbol ", %object\n"     \
		#symbol ": .incbin \"" path "\"\n" \
		".byte 0\n"                        \
		".size " #symbol ", . - " #symbol "\n" \
		".popsection")

EMBED(embedded_svg_js, "src/svg.js");
EMBED(embedded_play_js, "src/play.js");
EMBED(embedded_svg_css, "src/svg.css");
EMBED(embedded_page_js, "src/page.js");
EMBED(embedded_page_css, "src/page.css");
EMBED(embedded_default, "styles/default.style");
EMBED(embedded_dark, "styles/dark.style");
EMBED(embedded_print, "styles/print.style");
EMBED(embedded_colorblind, "styles/colorblind.style");
EMBED(embedded_diff, "styles/diff.style");
EMBED(embedded_minimal, "styles/minimal.style");

extern const char embedded_default[], embedded_dark[], embedded_print[], embedded_colorblind[],
	embedded_diff[], embedded_minimal[];

const char *const embedded_style_names[] = { "default", "dark",	   "print", "colorblind",
					     "diff",	"minimal", NULL };

const char *embedded_style(const char *name)
{
	static const char *const texts[] = { embedded_default,	  embedded_dark, embedded_print,
					     embedded_colorblind, embedded_diff, embedded_minimal };

	for (size_t i = 0; embedded_style_names[i]; i++) {
		if (strcmp(name, embedded_style_names[i]) == 0)
			return texts[i];
	}
	return NULL;
}
