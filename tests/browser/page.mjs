// SPDX-License-Identifier: GPL-2.0-only
// The HTML page: a table beside the drawing, each telling the other.
import { check, test, until, url_of } from "./harness.mjs";

const url = url_of("shop.html");
const column = (page, n) => page.$$eval("tbody tr", (rows, n) => rows.map(row =>
	row.cells[n].dataset.value === undefined ? row.cells[n].textContent : Number(row.cells[n].dataset.value)), n);
const shown = () => [...document.querySelectorAll("tbody tr")].filter(row => !row.hidden).length;
const total = page => page.$$eval("tbody tr", rows => rows.length);

await test("page: the table sorts by figures and by names", url, async page => {
	const was = await column(page, 5);
	check(was.length > 20, "only so many rows: " + was.length);
	await page.click("th:nth-child(6) button");
	const down = await column(page, 5);
	check(down.every((n, i) => i === 0 || down[i - 1] >= n), "not from the largest: " + down);
	check(await page.getAttribute("th:nth-child(6)", "aria-sort") === "descending", "not said");
	await page.click("th:nth-child(6) button");
	const up = await column(page, 5);
	check(up.every((n, i) => i === 0 || up[i - 1] <= n), "not from the smallest: " + up);
	await page.click("th:nth-child(3) button");
	const names = await column(page, 2);
	check(names.every((name, i) => i === 0 || names[i - 1] <= name), "not by name: " + names);
	check(String([...was].sort()) === String([...await column(page, 5)].sort()), "rows were lost");
});

await test("page: a row lights up its line, and focuses it", url, async page => {
	const id = await page.getAttribute("tbody tr:nth-child(9)", "data-line");
	await page.hover("tbody tr:nth-child(9) td:nth-child(3)");
	await until(page, id => document.getElementById(id).classList.contains("lit"), id);
	await page.click("tbody tr:nth-child(9) td:nth-child(3)");
	await until(page, id => location.hash.includes("focus=" + id), id);
	check(await page.evaluate(() => document.querySelectorAll("g.edge.on").length) === 1, "not one line");
	const rows = await page.evaluate(shown);
	check(rows >= 1 && rows < await total(page), "rows: " + rows);
	await page.keyboard.press("Escape");
	await until(page, () => !document.querySelector("tbody tr[hidden]"));
});

await test("page: a name in the table focuses its node", url, async page => {
	const node = await page.getAttribute("tbody tr:last-child td:first-child", "data-node");
	await page.click("tbody tr:last-child td:first-child");
	await until(page, node => location.hash.includes("focus=" + node), node);
	check((await page.textContent(".facts")).length > 10, "no facts");
});

await test("page: a node in the drawing picks its rows", url, async page => {
	const { x, y, id } = await page.evaluate(() => {
		const node = document.querySelector("g.node[id^=p]");
		const { x, y, width, height } = node.getBoundingClientRect();
		return { x: x + width / 2, y: y + height / 2, id: node.id };
	});
	await page.mouse.move(x, y);
	await until(page, () => document.querySelector("tbody tr.lit"));
	await page.mouse.click(x, y);
	await until(page, () => document.querySelector("tbody tr[hidden]"));
	const wrong = await page.$$eval("tbody tr:not([hidden])", (rows, id) => rows.filter(row =>
		![...row.cells].some(cell => cell.dataset.node === id)).length, id);
	check(wrong === 0, wrong + " rows are of other nodes");
	check(/^\d+ of \d+ edges/.test(await page.textContent("caption")), await page.textContent("caption"));
});

await test("page: a search picks rows, too", url, async page => {
	await page.keyboard.press("/");
	await page.keyboard.type("redis");
	await until(page, () => document.querySelector(".answer").textContent.startsWith("matched"));
	const rows = await page.evaluate(shown);
	check(rows > 0 && rows < await total(page), "rows: " + rows);
});

await test("page: without scripts it shows drawing and table", url, async page => {
	const [svg, table] = [await page.locator("svg").boundingBox(), await page.locator("table").boundingBox()];
	check(svg.width > 1000 && svg.height > 300 && table.y >= svg.y + svg.height, JSON.stringify([svg, table]));
}, { scripts: false });
