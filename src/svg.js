/*
 * SPDX-License-Identifier: GPL-2.0-only
 * Hover, search, focus, pan and zoom in a drawing of ipcmap. lines ([tail, head,
 * bytes of each row]) stands before this text. Without scripts the drawing is a plain image.
 *
 * What the system calls its things gets here as text of the drawing, and leaves as
 * text (textContent): nothing makes markup of it.
 */
const NS = "http://www.w3.org/2000/svg", XHTML = "http://www.w3.org/1999/xhtml";
const XLINK = "http://www.w3.org/1999/xlink";
const svg = document.currentScript.closest("svg");
const graph = svg.querySelector("g.graph");
const alone = document.documentElement === svg;
const full = { width: svg.viewBox.baseVal.width, height: svg.viewBox.baseVal.height };
const nodes = new Map(), edges = new Map(); /* by id: { element, text, edges | tail, head, rows, bytes } */
const marks = { lit: new Set(), on: new Set(), found: new Set() };
const watchers = [];
let place = { x: 0, y: 0, k: 1 }, fitted = true, room = { width: 1, height: 1 };
let focus = "", query = "", shown = null; /* null: nothing is dimmed */

function make(namespace, name, attributes, ...children) {
	const element = document.createElementNS(namespace, name);
	for (const key in attributes)
		element.setAttribute(key, attributes[key]);
	element.append(...children);
	return element;
}

/* All that is known of a thing: its tooltip. */
function facts_of(element) {
	return element.querySelector("a")?.getAttributeNS(XLINK, "title") || "";
}

/* What is searched: the tooltip, and the label, whose blanks may be unbreakable. */
function words_of(element) {
	const texts = [...element.querySelectorAll("text")].map(text => text.textContent);
	return [facts_of(element), ...texts].join(" ").replace(/\u00a0/g, " ").toLowerCase();
}

function things_find() {
	for (const element of graph.querySelectorAll("g.node"))
		nodes.set(element.id, { element, edges: [], text: words_of(element) });
	for (const [tail, head, rows] of lines) {
		const id = "e-" + tail + "-" + head;
		const element = svg.getElementById(id);
		if (!element || !nodes.has(tail) || !nodes.has(head))
			continue;
		const bytes = rows.reduce((sum, row) => sum + row, 0);
		edges.set(id, { element, id, tail, head, rows, bytes, text: words_of(element) });
		nodes.get(tail).edges.push(edges.get(id));
		if (tail !== head)
			nodes.get(head).edges.push(edges.get(id));
	}
	for (const [id, { element }] of [...nodes, ...edges]) {
		element.style.setProperty("--width",
			element.querySelector("path")?.getAttribute("stroke-width") || 1);
		element.setAttribute("role", "button");
		element.setAttribute("aria-label", facts_of(element).split("\n")[0]);
		element.tabIndex = nodes.has(id) ? 0 : -1;
	}
}

const thing = id => nodes.get(id) || edges.get(id);

/* A node with its edges and their other ends, or an edge with both of its ends. */
function around(id) {
	const ids = new Set([id]), edge = edges.get(id);
	for (const each of edge ? [edge] : nodes.get(id).edges)
		ids.add(each.id).add(each.tail).add(each.head);
	return ids;
}

/* Touches only what changes: a drawing may have ten thousand things. */
function mark(name, ids) {
	for (const id of marks[name]) {
		if (!ids.has(id))
			thing(id).element.classList.remove(name);
	}
	for (const id of ids) {
		if (!marks[name].has(id))
			thing(id).element.classList.add(name);
	}
	marks[name] = ids;
}

/* What lies over the drawing: the search, the facts of what is in focus, and the keys. */
const input = make(XHTML, "input", { "aria-label": "search", spellcheck: "false",
				     placeholder: "name, pid, channel …" });
const answer = make(XHTML, "span", { class: "answer", role: "status" });
const bar = make(XHTML, "div", { class: "bar" }, input, answer);
const facts = make(XHTML, "div", { class: "facts", role: "status" });
const hint = make(XHTML, "div", { class: "hint" },
	"/ search · click: focus · wheel, + −: zoom · drag, arrows: move · 0: all · Esc: back");
const over = make(NS, "foreignObject", { x: 0, y: 0, width: "100%", height: "100%" },
	make(XHTML, "div", { class: "over" }, bar, facts, hint));
/* The graph moves in a coordinate system of screen pixels; what lies over it stays. */
const view = make(NS, "g", { class: "view" });

function over_build() {
	/* The colours are the drawing's own, whatever its style. */
	const ground = graph.querySelector("polygon")?.getAttribute("fill");
	const ink = graph.querySelector("text")?.getAttribute("fill") || "black";
	const paper = ground && ground !== "none" && ground !== "transparent" ? ground : "white";
	for (const element of [bar, facts])
		element.style.cssText = `color: ${ink}; background: ${paper}`;
	hint.style.color = ink;
	if (alone)
		svg.style.background = paper;
	svg.insertBefore(view, graph);
	view.append(graph);
	svg.append(over);
}

function move() {
	view.setAttribute("transform", `matrix(${place.k} 0 0 ${place.k} ${place.x} ${place.y})`);
}

/* Puts a point of the drawing into the middle. */
function centre(x, y, k) {
	place = { k, x: room.width / 2 - x * k, y: room.height / 2 - y * k };
	move();
}

/* All of it, in the middle of what room there is. */
function fit() {
	centre(full.width / 2, full.height / 2,
	       Math.min(room.width / full.width, room.height / full.height, 4 / 3));
	fitted = true;
}

function middle() {
	return [(room.width / 2 - place.x) / place.k, (room.height / 2 - place.y) / place.k, place.k];
}

function resize() {
	const was = middle();
	const { width, height } = svg.getBoundingClientRect();
	if (!width || !height)
		return;
	room = { width, height };
	svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
	if (fitted)
		fit();
	else
		centre(...was);
}

function zoom(x, y, factor) {
	const k = Math.min(Math.max(place.k * factor, .02), 40);
	place = { k, x: x - (x - place.x) * k / place.k, y: y - (y - place.y) * k / place.k };
	fitted = false;
	move();
	remember();
}

function pan(from, x, y) {
	place = { k: from.k, x: from.x + x, y: from.y + y };
	fitted = false;
	move();
	remember();
}

/* Moves, and zooms out, so far as is needed to have these in sight. */
function reveal(ids) {
	const at = svg.getBoundingClientRect();
	const boxes = [...ids].map(id => thing(id).element.getBoundingClientRect());
	if (!boxes.length)
		return;
	const left = Math.min(...boxes.map(box => box.left)) - at.left;
	const top = Math.min(...boxes.map(box => box.top)) - at.top;
	const right = Math.max(...boxes.map(box => box.right)) - at.left;
	const bottom = Math.max(...boxes.map(box => box.bottom)) - at.top;
	if (left >= 0 && top >= 0 && right <= room.width && bottom <= room.height)
		return;
	const k = place.k * Math.min(1, .9 * room.width / (right - left), .9 * room.height / (bottom - top));
	centre(((left + right) / 2 - place.x) / place.k, ((top + bottom) / 2 - place.y) / place.k, k);
	fitted = false;
	remember();
}

/* The tooltip of a line: its ends, then a line per row. Of rows that match only their bytes count. */
function bytes_of(edge, needle) {
	const [ends, ...rows] = facts_of(edge.element).toLowerCase().split("\n");
	const own = edge.rows.filter((bytes, i) => rows[i]?.includes(needle));
	return ends.includes(needle) || !own.length ? edge.bytes : own.reduce((sum, bytes) => sum + bytes);
}

/* Returns what matches, with what is needed to see it in its place; sets the answer. */
function search() {
	const needle = query.toLowerCase(), found = new Set(), seen = new Set();
	let all = 0, bytes = 0, hits = 0;
	for (const [id, node] of nodes) {
		if (node.text.includes(needle))
			found.add(id), seen.add(id);
	}
	for (const [id, edge] of edges) {
		all += edge.bytes;
		const end = found.has(edge.tail) || found.has(edge.head);
		if (!end && !edge.text.includes(needle))
			continue;
		hits++;
		bytes += end ? edge.bytes : bytes_of(edge, needle);
		seen.add(id).add(edge.tail).add(edge.head);
	}
	mark("found", found);
	answer.textContent = seen.size ?
		`matched ${(all ? 100 * bytes / all : 0).toFixed(1)} % of bytes ` +
		`(nodes: ${found.size}, lines: ${hits})` : "matched nothing";
	return seen;
}

function show() {
	const before = shown || [];
	mark("found", new Set());
	answer.textContent = "";
	shown = query ? search() : focus ? around(focus) : null;
	svg.classList.toggle("some", shown !== null);
	mark("on", shown || new Set());
	/* Tab goes from a node in focus on to its edges, not through a thousand of them. */
	for (const id of before)
		edges.has(id) && (edges.get(id).element.tabIndex = -1);
	for (const id of shown || [])
		edges.has(id) && (edges.get(id).element.tabIndex = 0);
	facts.textContent = focus ? facts_of(thing(focus).element) : "";
	facts.hidden = !focus;
	bar.hidden = !query && document.activeElement !== input;
	tell();
}

function glance(id) {
	mark("lit", id ? around(id) : new Set());
	svg.classList.toggle("glance", id !== "" && shown === null);
	tell();
}

function focus_set(id) {
	focus = id;
	show();
	remember();
}

/* For the page around the drawing. */
function tell() {
	for (const watcher of watchers)
		watcher({ focus, shown, lit: marks.lit });
}

svg.ipcmap = {
	focus(id) {
		query = input.value = "";
		focus_set(id);
		if (id)
			reveal(around(id));
	},
	glance,
	watch(watcher) {
		watchers.push(watcher);
		tell();
	},
};

/* The state is in the link. Browsers refuse to have it changed all the time. */
let later = 0;
function remember() {
	clearTimeout(later);
	later = setTimeout(remember_now, 80);
}

function remember_now() {
	const parts = [];
	if (focus)
		parts.push("focus=" + focus);
	if (query)
		parts.push("search=" + encodeURIComponent(query));
	if (!fitted)
		parts.push("view=" + middle().map(number => +number.toPrecision(7)).join(","));
	const hash = "#" + parts.join("&");
	if (hash !== (location.hash || "#"))
		history.replaceState(null, "", hash);
}

/* Anybody can write a link: what is not as remember_now() writes it counts as not there. */
function recall() {
	const state = new Map(location.hash.slice(1).split("&").map(part => {
		const at = part.indexOf("=");
		return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
	}));
	const numbers = (state.get("view") || "").split(",").map(Number);
	focus = thing(state.get("focus")) ? state.get("focus") : "";
	try {
		query = decodeURIComponent(state.get("search") || "");
	} catch {
		query = "";
	}
	fitted = !(numbers.length === 3 && numbers.every(Number.isFinite) && numbers[2] > 0);
	if (fitted)
		fit();
	else
		centre(...numbers);
	input.value = query;
	show();
}

function search_open() {
	bar.hidden = false;
	input.focus();
	input.select();
}

function back() {
	query = input.value = "";
	input.blur();
	focus_set("");
}

function id_at(event) {
	const element = event.target.closest?.("g.node, g.edge");
	return element && graph.contains(element) ? element.id : "";
}

svg.addEventListener("mouseover", event => glance(id_at(event)));
svg.addEventListener("mouseleave", () => glance(""));
svg.addEventListener("focusin", event => {
	const id = id_at(event);
	/* A click gives the focus, too, and must not move the drawing under the pointer. */
	if (!id || !event.target.matches(":focus-visible"))
		return;
	glance(id);
	reveal([id]);
});

let drag = null;
svg.addEventListener("pointerdown", event => {
	if (event.button === 0 && !over.contains(event.target))
		drag = { x: event.clientX, y: event.clientY, place, moved: false };
});
addEventListener("pointermove", event => {
	if (!drag)
		return;
	const x = event.clientX - drag.x, y = event.clientY - drag.y;
	/* A hand is never quite still in a click. */
	if (!drag.moved && Math.hypot(x, y) < 4)
		return;
	drag.moved = true;
	svg.classList.add("drag");
	pan(drag.place, x, y);
});
function drag_end() {
	const moved = drag?.moved;
	drag = null;
	svg.classList.remove("drag");
	return moved;
}
/* The click follows the pointerup, and has to know whether it ended a drag. */
addEventListener("pointerup", () => setTimeout(drag_end));
addEventListener("pointercancel", drag_end);
svg.addEventListener("click", event => {
	if (over.contains(event.target) || drag_end())
		return;
	const id = id_at(event);
	focus_set(id === focus ? "" : id);
});
svg.addEventListener("dblclick", event => {
	if (id_at(event) || over.contains(event.target))
		return;
	fit();
	remember();
});
svg.addEventListener("wheel", event => {
	if (facts.contains(event.target))
		return;
	event.preventDefault();
	const at = svg.getBoundingClientRect();
	/* Firefox counts lines, not pixels. */
	const pixels = event.deltaY * (event.deltaMode === 1 ? 30 : 1);
	zoom(event.clientX - at.left, event.clientY - at.top, Math.exp(-pixels / 400));
}, { passive: false });

const steps = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
function key_in_drawing(event) {
	const id = id_at(event);
	if (id && (event.key === "Enter" || event.key === " "))
		focus_set(id === focus ? "" : id);
	else if (steps[event.key])
		pan(place, ...steps[event.key]);
	else if ("+=".includes(event.key))
		zoom(room.width / 2, room.height / 2, 1.3);
	else if (event.key === "-")
		zoom(room.width / 2, room.height / 2, 1 / 1.3);
	else if (event.key === "0")
		fit(), remember();
	else
		return;
	event.preventDefault();
}

addEventListener("keydown", event => {
	const typing = event.target.closest?.("input, textarea");
	const find = event.key === "f" && (event.ctrlKey || event.metaKey);
	/* A second Ctrl-F is the browser's. */
	if (typing !== input && (find || (event.key === "/" && !typing))) {
		event.preventDefault();
		search_open();
	} else if (event.key === "Escape") {
		back();
	} else if (event.key === "Enter" && typing === input) {
		reveal(shown || []);
	} else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey &&
		   (svg.contains(event.target) || event.target === document.body)) {
		key_in_drawing(event);
	}
});
input.addEventListener("input", () => {
	query = input.value;
	show();
	remember();
});
input.addEventListener("blur", () => bar.hidden = !query);
addEventListener("hashchange", recall);

things_find();
over_build();
svg.classList.add("live");
svg.classList.toggle("smooth", nodes.size + edges.size < 1000);
svg.setAttribute("preserveAspectRatio", "xMinYMin meet");
svg.setAttribute("width", "100%");
svg.setAttribute("height", "100%");
resize();
recall();
new ResizeObserver(resize).observe(svg);
