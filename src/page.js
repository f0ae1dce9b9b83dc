/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of edges beside the drawing: sorts itself by any column, shows what the
 * drawing has in focus or found, and lights up there what is pointed at here.
 */
"use strict";
(() => {
const table = document.querySelector("table"), body = table.tBodies[0];
const drawing = document.querySelector("svg.ipcmap").ipcmap;
const collator = new Intl.Collator("en", { numeric: true });
const heads = [...table.tHead.rows[0].cells], rows = [...body.rows];

function key_of(row, column) {
	const cell = row.cells[column];
	return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
}

function sort(head) {
	const column = head.cellIndex, was = head.getAttribute("aria-sort");
	/* Figures begin with the largest, names with the first. */
	const down = was ? was === "ascending" : head.classList.contains("number");
	for (const other of heads)
		other.removeAttribute("aria-sort");
	head.setAttribute("aria-sort", down ? "descending" : "ascending");
	const keyed = rows.map(row => [key_of(row, column), row]);
	keyed.sort(([a], [b]) => (down ? -1 : 1) *
		   (typeof a === "number" ? a - b : collator.compare(a, b)));
	body.append(...keyed.map(([, row]) => row));
}

/* What a row stands for in the drawing; a name in it stands for its node. */
const line_of = event => event.target.closest("tr")?.dataset.line || "";
const thing_of = event => event.target.closest("td")?.dataset.node || line_of(event);

for (const row of rows) {
	const [src, dst] = [row.cells[0].dataset.node, row.cells[1].dataset.node];
	const id = `e-${src}-${dst}`;
	/* Both ways between two nodes are one line, drawn either way round. */
	row.dataset.line = document.getElementById(id) ? id : `e-${dst}-${src}`;
	row.tabIndex = 0;
}

for (const head of heads)
	head.querySelector("button").addEventListener("click", () => sort(head));
body.addEventListener("click", event => drawing.focus(thing_of(event)));
body.addEventListener("keydown", event => {
	if (event.key === "Enter")
		drawing.focus(line_of(event));
});
body.addEventListener("mouseover", event => drawing.glance(thing_of(event)));
body.addEventListener("mouseleave", () => drawing.glance(""));

drawing.watch(({ shown, lit }) => {
	let count = 0;
	for (const row of rows) {
		row.hidden = shown !== null && !shown.has(row.dataset.line);
		row.classList.toggle("lit", lit.has(row.dataset.line));
		count += !row.hidden;
	}
	table.caption.textContent = shown === null ? `${rows.length} edges` :
		`${count} of ${rows.length} edges: Esc shows all`;
});
})();
