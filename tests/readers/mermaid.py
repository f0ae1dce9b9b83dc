# SPDX-License-Identifier: GPL-2.0-only
"""mermaid.py page FILE.mmd: a page that draws it. mermaid.py check FILE.dom MAP.json: what came of it."""
import json
import sys

PAGE = """<!DOCTYPE html>
<meta charset="UTF-8">
<script src="node_modules/mermaid/dist/mermaid.min.js"></script>
<pre id="result"></pre>
<script>
const source = %s;
window.alert = () => { window.attacked = true; };
(async () => {
	const result = {};
	try {
		mermaid.initialize({ startOnLoad: false, maxEdges: 10000, maxTextSize: 10000000 });
		const { svg } = await mermaid.render("map", source);
		document.body.insertAdjacentHTML("beforeend", "<div id=drawn>" + svg + "</div>");
		const all = selector => [...document.querySelectorAll("#drawn " + selector)];
		result.nodes = all(".node").map(node => [node.id, node.textContent]);
		result.lines = all(".edgePaths path").length;
		result.labels = all(".edgeLabels .edgeLabel").map(label => label.textContent);
		result.attacked = !!window.attacked || all("script, [onload]").length > 0;
	} catch (error) {
		result.error = String(error);
	}
	document.getElementById("result").textContent = "RESULT" + btoa(unescape(encodeURIComponent(JSON.stringify(result)))) + "END";
})();
</script>
"""


def page(path):
    with open(path, encoding="utf-8") as file:
        print(PAGE % json.dumps(file.read()).replace("<", "\\u003c"))


def spaces(text):
    return " ".join(text.replace("\u2060", "").split())


def check(path, record):
    import base64
    with open(path, encoding="utf-8") as file:
        dom = file.read()
    assert "RESULT" in dom, "mermaid did not finish"
    begin = dom.index(">RESULT") + 7
    result = json.loads(base64.b64decode(dom[begin:dom.index("END<", begin)]))
    with open(record, encoding="utf-8") as file:
        data = json.load(file)
    assert "error" not in result, result["error"]
    assert not result["attacked"], "a name became markup"
    assert len(result["nodes"]) == len(data["nodes"]), (len(result["nodes"]), len(data["nodes"]))
    pairs = {frozenset((edge["src"], edge["dst"])) for edge in data["edges"]}
    assert result["lines"] == len(pairs), (result["lines"], len(pairs))
    texts = {}
    for name, text in result["nodes"]:
        texts[name.split("-")[-2]] = spaces(text)
    for node in data["nodes"]:
        if node["kind"] != "process":
            continue
        comm = f"[{node['comm']}]" if node.get("kthread") else node["comm"]
        want = spaces(comm)
        assert texts[node["id"]].startswith(want), (node["id"], want, texts[node["id"]])
        assert f"pid {node['pid']}" in texts[node["id"]], texts[node["id"]]
    words = " ".join(result["labels"])
    # Lines to a logger have no labels.
    for mechanism in ("tcp", "pipe", "unix-stream", "signal"):
        assert mechanism in words, mechanism


if sys.argv[1] == "page":
    page(sys.argv[2])
else:
    check(sys.argv[2], sys.argv[3])
