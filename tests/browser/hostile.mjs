// SPDX-License-Identifier: GPL-2.0-only
// Names that want to be more than text: hostile.mjs make FILE.json < MAP.json puts
// them into a map; as a module it holds the drawing and the page against them.
import { readFileSync, writeFileSync } from "node:fs";

const names = [
	"</script><script>evil()</script>",
	"<img src=x onerror=evil()>",
	"]]></script><script>evil()</script>",
	"\"onmouseover=\"evil()\" x=\"",
	"'onload='evil()' x='",
	"--><script>evil()</script><!--",
	"</text></svg><svg onload=evil()>",
	"&lt;script&gt;evil()&lt;/script&gt;",
	"</td></tr></table><script>evil()</script>",
	"</style><script>evil()</script>",
	"</title><script>evil()</script>",
	"${evil()} `evil()`",
	"javascript:evil()",
	"\\\\N \\\"] evil() [",
	"esc\u001b[31m bell\u0007 del\u007f c1\u0085",
	"bidi \u202e\u2066 non\ufffe\uffff",
	"as text_clean leaves bytes: \\xff\\xfe\\xc0\\xaf",
];

if (process.argv[2] === "make") {
	const map = JSON.parse(readFileSync(0, "utf8"));
	const used = [];
	let next = 0;
	const name = () => used[used.push(names[next++ % names.length]) - 1];
	map.host = map.kernel = name();
	for (const node of map.nodes) {
		for (const key of ["comm", "exe", "unit", "container", "cgroup", "cmdline", "listens", "address"]) {
			if (key in node || key === "cmdline")
				node[key] = name();
		}
	}
	for (const channel of map.channels)
		channel.name = channel.object = channel.peer = name();
	for (const edge of map.edges) {
		edge.mechanism = name();
		edge.signal &&= name();
	}
	for (const mechanism of map.completeness.mechanisms)
		mechanism.reason = name();
	writeFileSync(process.argv[3], JSON.stringify(map));
} else {
	const { check, test, until, url_of } = await import("./harness.mjs");
	const inert = async page => check(!(await page.evaluate(() =>
		document.querySelector("img, iframe, [onload], [onerror], [onmouseover]") ||
		document.querySelectorAll("script").length > 2)), "an element came out of a name");

	for (const file of ["hostile.svg", "hostile.html"]) {
		await test(`${file}: names are text in the drawing, the facts and the search`, url_of(file), async page => {
			await inert(page);
			const ids = await page.$$eval("g.node", nodes => nodes.map(node => node.id));
			check(ids.length > 20, "only so many nodes: " + ids.length);
			for (const id of ids) {
				await page.evaluate(id => location.hash = "focus=" + id, id);
				await until(page, id => document.getElementById(id).classList.contains("on") &&
					document.querySelector(".facts").textContent.length > 5, id);
			}
			await page.evaluate(() => location.hash = "");
			for (const name of names.slice(0, 13)) {
				await page.keyboard.press("Control+f");
				await page.fill("input", name);
				await until(page, () => /^matched [\d.]+ % /.test(document.querySelector(".answer").textContent));
				await page.keyboard.press("Escape");
			}
			await inert(page);
		});
	}
	await test("hostile.html: the table shows them as they are", url_of("hostile.html"), async page => {
		const cells = await page.$$eval("tbody td", cells => cells.map(cell => cell.textContent));
		for (const name of names.slice(0, 13))
			check(cells.some(cell => cell.includes(name)), "no cell says " + name);
		const bad = cells.find(cell => /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e\u2066\ufffe\uffff]/.test(cell));
		check(bad === undefined, "a control character got through: " + JSON.stringify(bad));
		await page.click("th:nth-child(4) button");
		await inert(page);
	});
	for (const file of ["hostile.svg", "hostile.html"]) {
		await test(`${file}: nothing of them asks for anything without scripts`, url_of(file), async () => {},
			   { scripts: false });
	}
}
