// SPDX-License-Identifier: GPL-2.0-only
// The SVG: what it does with scripts, and what it shows without.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { check, count, darkest, differ, folder, look, test, until, url_of } from "./harness.mjs";

const url = url_of("shop.svg");
const lines = JSON.parse(/const lines = (\[[^;]*\]);/.exec(readFileSync(folder + "/shop.svg", "utf8"))[1])
	.map(([tail, head, rows]) => [tail, head, rows.reduce((sum, bytes) => sum + bytes)]);
const all = lines.reduce((sum, line) => sum + line[2], 0);
// The heaviest line between two processes that live (what has exited is pale by
// itself), and a node that has nothing to do with its tail.
const pale = new Set(JSON.parse(readFileSync(folder + "/shop.json", "utf8")).nodes
	.filter(node => node.exited || node.kind !== "process").map(node => node.id));
const [tail, head] = lines.filter(([tail, head]) => tail !== head && !pale.has(tail) && !pale.has(head))
	.sort((a, b) => b[2] - a[2])[0];
const edge = `e-${tail}-${head}`;
const near = new Set(lines.filter(line => line.slice(0, 2).includes(tail)).flatMap(line => line.slice(0, 2)));
const far = lines.flatMap(line => line.slice(0, 2)).find(id => !near.has(id) && !pale.has(id));
const orange = [0xe8, 0x59, 0x0c];

const has = ([id, name]) => document.getElementById(id).classList.contains(name);
const opacity = ([id, want]) => Math.abs(getComputedStyle(document.getElementById(id)).opacity - want) < .05;
const answer = () => document.querySelector(".answer").textContent;
const matrix = page => page.evaluate(() => document.querySelector("g.view").getAttribute("transform")
	.match(/-?[\d.e-]+/g).map(Number));
const rest = page => page.mouse.move(1398, 898);
const link_has = (page, part) => until(page, part => location.hash.includes(part), part);
const link_lacks = (page, part) => until(page, part => !location.hash.includes(part), part);

// The box of a node or an edge on the screen, as a clip; its middle.
const box = (page, id) => page.evaluate(id => {
	const { x, y, width, height } = document.getElementById(id).getBoundingClientRect();
	return { x, y, width, height };
}, id);
async function middle(page, id) {
	const { x, y, width, height } = await box(page, id);
	return { x: x + width / 2, y: y + height / 2 };
}
async function point_at(page, id) {
	const { x, y } = await middle(page, id);
	await page.mouse.move(x, y);
}

await test("every line has an element, every id is there once", url, async page => {
	const missing = await page.evaluate(ids => ids.filter(id => !document.getElementById(id)),
		lines.map(([tail, head]) => `e-${tail}-${head}`));
	check(missing.length === 0, "missing " + missing);
	const twice = await page.evaluate(() => {
		const ids = [...document.querySelectorAll("[id]")].map(element => element.id);
		return ids.filter((id, i) => ids.indexOf(id) !== i);
	});
	check(twice.length === 0, "twice " + twice);
	check(far, "nothing is far from " + tail);
});

await test("hovering lights up the edges of a node", url, async page => {
	await rest(page);
	const before = await look(page), dark = await darkest(page, await box(page, far));
	check(dark < 100, "the far node is pale before: " + dark);
	await point_at(page, tail);
	await until(page, has, [edge, "lit"]);
	await until(page, has, [head, "lit"]);
	await until(page, opacity, [far, .3]);
	check(await darkest(page, await box(page, head)) < 100, "the other end is pale");
	check(await darkest(page, await box(page, far)) > dark + 60, "the far node is as dark as before");
	const during = await look(page);
	check(differ(before, during) > 1000, "hardly a pixel has changed");
	await rest(page);
	await until(page, opacity, [far, 1]);
	check(differ(before, await look(page)) === 0, "it looks different afterwards");
});

await test("a lit edge is drawn wider", url, async page => {
	const colour = await page.evaluate(id => {
		const path = document.querySelector(`#${id} path`);
		return path.getAttribute("stroke").match(/[0-9a-f]{2}/g).map(hex => parseInt(hex, 16));
	}, edge);
	/* In focus: then what crosses it is pale before and after. */
	await page.evaluate(id => location.hash = "focus=" + id, edge);
	await rest(page);
	await until(page, opacity, [far, .1]);
	const thin = await count(page, await box(page, edge), colour);
	await point_at(page, head);
	await until(page, has, [edge, "lit"]);
	const wide = await count(page, await box(page, edge), colour);
	check(wide > 1.2 * thin, `${thin} pixels of its colour before, ${wide} lit`);
});

await test("slash searches and says the share of bytes", url, async page => {
	const pid = await page.evaluate(id => /pid \d+/.exec(document.getElementById(id).textContent)[0], tail);
	check(await count(page, await box(page, tail), orange, 60) === 0, "orange before");
	await page.keyboard.press("/");
	await page.keyboard.type(pid);
	const said = await until(page, answer);
	const least = lines.filter(line => line[0] === tail || line[1] === tail)
		.reduce((sum, line) => sum + line[2], 0);
	const [, share] = /^matched ([\d.]+) % of bytes/.exec(said) || [];
	check(Math.abs(share - 100 * least / all) < 0.06, `${said}, not ${100 * least / all}`);
	await until(page, has, [tail, "found"]);
	await until(page, opacity, [far, .1]);
	check(await count(page, await box(page, tail), orange, 60) > 20, "no orange frame");
	check(await darkest(page, await box(page, far)) > 200, "the far node is not dimmed");
	await link_has(page, "search=pid%20");
});

// One line with two rows: 900 bytes over a socket, 100 through a pipe.
const two = JSON.parse(readFileSync(folder + "/shop.json", "utf8"));
two.nodes = ["a", "b"].map((comm, i) => ({ ...two.nodes.find(node => node.kind === "process"), comm, id: "p" + i, pid: i + 1 }));
two.channels = ["unix-stream", "pipe"].map((mechanism, i) => ({ id: "c" + i, mechanism, object: mechanism, peer: null, name: null }));
two.edges = [900, 100].map((bytes, i) => ({ src: "p0", dst: "p1", channel: "c" + i, mechanism: two.channels[i].mechanism,
	ops: 1, bytes, received_ops: 1, received_bytes: bytes, first: 0, last: 1, attribution: "exact" }));
execFileSync("./ipcmap", ["render", "-q", "--all", "--no-fold", "-", "-o", folder + "/two.svg"], { input: JSON.stringify(two) });
await test("of a line with two rows a search counts the one that matches", url_of("two.svg") + "#search=pipe", async page => {
	check(/^matched 10\.0 % of bytes/.test(await until(page, answer)), await page.evaluate(answer));
});

await test("a search without a match dims all and says so", url, async page => {
	await rest(page);
	const before = await look(page);
	await page.keyboard.press("Control+f");
	await page.keyboard.type("no such thing at all");
	await until(page, opacity, [tail, .1]);
	check(await page.evaluate(answer) === "matched nothing", await page.evaluate(answer));
	check(await darkest(page, await box(page, tail)) > 200, "not dimmed");
	await page.keyboard.press("Escape");
	await until(page, opacity, [tail, 1]);
	await link_lacks(page, "search");
	check(differ(before, await look(page)) === 0, "Escape does not bring all back");
});

await test("a click focuses and tells the facts, the link keeps it", url, async page => {
	const { x, y } = await middle(page, tail);
	await page.mouse.click(x, y);
	await link_has(page, "focus=" + tail);
	await until(page, opacity, [far, .1]);
	check(await darkest(page, await box(page, far)) > 200, "the far node is not dimmed");
	check(await darkest(page, await box(page, tail)) < 100, "its own node is dimmed");
	const facts = await page.textContent(".facts");
	check(/\nexe \//.test(facts) && /sent [\d,]+ bytes/.test(facts), facts);
	await page.mouse.click(1390, 5);
	await link_lacks(page, "focus");
	await until(page, opacity, [far, 1]);
	check(await page.isHidden(".facts"), "the facts stay");
});

await test("the wheel zooms where the pointer is, 0 shows all again", url, async page => {
	await rest(page);
	const before = await matrix(page), start = await look(page), at = await middle(page, tail);
	const small = await box(page, tail);
	await page.mouse.move(at.x, at.y);
	await page.mouse.wheel(0, -400);
	await link_has(page, "view=");
	const after = await matrix(page), now = await middle(page, tail), large = await box(page, tail);
	check(after[0] > 2 * before[0], `${before[0]} to ${after[0]}`);
	check(Math.hypot(now.x - at.x, now.y - at.y) < 3, "it moved away from the pointer");
	await rest(page);
	await until(page, opacity, [far, 1]);
	const ratio = large.width * large.height / (small.width * small.height);
	check(ratio > 4, "the node is only so many times larger: " + ratio);
	check(differ(start, await look(page)) > 10000, "the pixels are the same");
	await page.keyboard.press("0");
	await link_lacks(page, "view");
	check(differ(start, await look(page)) === 0, "0 does not show all again");
});

await test("dragging moves and does not focus, a double click shows all", url, async page => {
	const before = await matrix(page), at = await middle(page, tail);
	await page.mouse.move(at.x, at.y);
	await page.mouse.down();
	await page.mouse.move(at.x + 60, at.y + 40, { steps: 4 });
	await page.mouse.up();
	await link_has(page, "view=");
	const after = await matrix(page);
	check(Math.abs(after[4] - before[4] - 60) < 1 && Math.abs(after[5] - before[5] - 40) < 1,
	      `${before} to ${after}`);
	check(!page.url().includes("focus"), page.url());
	await page.mouse.dblclick(1390, 5);
	await link_lacks(page, "view");
	check(String(await matrix(page)) === String(before), "not all");
});

await test("the keyboard alone: to a node, its facts, its edges, out again", url, async page => {
	const stop = () => page.evaluate(() => document.activeElement?.matches("g.node") && document.activeElement.id);
	/* The first step may be to the drawing as a whole. */
	for (let i = 0; i < 3 && !await stop(); i++)
		await page.keyboard.press("Tab");
	const first = await stop();
	check(first, "Tab does not lead to a node");
	check(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "nameless");
	await until(page, has, [first, "lit"]);
	await page.keyboard.press("Enter");
	await link_has(page, "focus=" + first);
	const stops = await page.evaluate(() => [...document.querySelectorAll("g.edge[tabindex='0']")].length);
	check(stops === lines.filter(line => line.slice(0, 2).includes(first)).length, stops + " edges to step to");
	const before = await matrix(page);
	await page.keyboard.press("ArrowRight");
	await page.keyboard.press("+");
	await link_has(page, "view=");
	check((await matrix(page))[0] > before[0], "+ does not zoom");
	await page.keyboard.press("Escape");
	await link_lacks(page, "focus");
});

let link = "", picture;
await test("a link carries focus and view", url, async page => {
	const { x, y } = await middle(page, tail);
	await page.mouse.click(x, y);
	await page.mouse.wheel(0, -250);
	await rest(page);
	await link_has(page, "view=");
	await link_has(page, "focus=" + tail);
	await until(page, opacity, [far, .1]);
	link = page.url();
	picture = await look(page);
});
await test("and opened elsewhere shows the same pixels", link, async page => {
	await rest(page);
	await until(page, opacity, [far, .1]);
	const changed = differ(picture, await look(page));
	/* The link rounds the place a little. */
	check(changed < 200, changed + " pixels differ");
});
await test("a link carries a search", url + "#search=%2Fusr%2F", async page => {
	check(/^matched [\d.]+ % of bytes/.test(await until(page, answer)), "no answer");
	check(await page.evaluate(() => document.querySelector("input").value) === "/usr/", "not in the field");
});
await test("a link that somebody made up does nothing",
	   url + "#focus=%3Cscript%3E&view=NaN,1e999,-3&search=%&x=<img src=x onerror=window.evil=1>", async page => {
	await until(page, opacity, [edge, 1]);
	check(!(await page.evaluate(() => window.evil)), "it ran");
});

// Where the nodes are, as shares of the drawing.
let places = [];
await test("all of it is in sight at first", url, async page => {
	places = await page.evaluate(() => {
		const all = document.querySelector("g.graph").getBoundingClientRect();
		return [...document.querySelectorAll("g.node")].map(node => {
			const { left, top, width, height } = node.getBoundingClientRect();
			return [(left - all.left) / all.width, (top - all.top) / all.height,
				width / all.width, height / all.height];
		});
	});
	const [k] = await matrix(page);
	check(k > 0 && places.every(place => place.every(share => share >= 0 && share <= 1)), String(places));
});

// Every node has its dark text where it has to be.
async function nodes_are_there(page, all) {
	for (const [x, y, width, height] of places) {
		const clip = { x: all.x + x * all.width, y: all.y + y * all.height,
			       width: width * all.width, height: height * all.height };
		const dark = await darkest(page, clip);
		check(dark < 140, `nothing dark at ${JSON.stringify(clip)}: ${dark}`);
	}
}

writeFileSync(folder + "/img.html", "<!DOCTYPE html><meta charset=utf-8><title>img</title>" +
	"<body style='margin: 0'><img src=shop.svg width=1400>");
await test("as an <img> it is the whole picture", url_of("img.html"), async page => {
	const all = await page.evaluate(async () => {
		const image = document.querySelector("img");
		await image.decode();
		const { x, y, width, height } = image.getBoundingClientRect();
		return { x, y, width, height };
	});
	await page.setViewportSize({ width: 1400, height: Math.ceil(all.height) });
	await nodes_are_there(page, all);
});
await test("without scripts it is the whole picture", url, async page => {
	const [, width, height] = /<svg width="(\d+)pt" height="(\d+)pt"/.exec(readFileSync(folder + "/shop.svg", "utf8"))
		.map(Number);
	const all = { x: 0, y: 0, width: width * 4 / 3, height: height * 4 / 3 };
	await page.setViewportSize({ width: Math.ceil(all.width), height: Math.ceil(all.height) });
	await nodes_are_there(page, all);
}, { scripts: false });
