# SPDX-License-Identifier: GPL-2.0-only
"""A map on stdin, with names that try to be more than text, to stdout."""
import json
import sys

NAMES = [
    "\"quoted\" 'name'", "back\\slash\\\\two", "trailing\\", "\\N \\G \\L", "<b>bold</b><BR/>",
    "&amp; &lt; &#65; &", "]]> --> <!-- <![CDATA[", "</text></svg><script>alert(1)</script>",
    "\" onload=\"alert(1)", "\"]; evil --> node[\"", "   ", "%s%n%d", "東京 naïve 🙂", "=1+1", "@SUM(A1)",
    "-2", "fa:fa-user", "1. list", "- list", "`code`", "#35;", "p1 --> p2",
    "%%{init: {'theme':'dark'}}%%", "end", "a, b; c | d", "$$x^2$$", "**bold** _it_", "subgraph x",
]

data = json.load(sys.stdin)
for i, node in enumerate(data["nodes"]):
    name = NAMES[i % len(NAMES)]
    for key in ("comm", "exe", "unit"):
        if node.get(key):
            node[key] = name
for i, channel in enumerate(data["channels"]):
    channel["name"] = NAMES[i % len(NAMES)]
data["host"] = NAMES[0] + NAMES[9]
json.dump(data, sys.stdout, ensure_ascii=False)
