/*
 * SPDX-License-Identifier: GPL-2.0-only
 * Pause, and scrub on the time line, in a drawing that plays by itself. What moves is SMIL
 * and needs none of this. Stands after svg.js, in the same function.
 */
const strip = graph.querySelector("g.time");
const line = { left: +strip.dataset.left, right: +strip.dataset.right };
const seconds = +strip.dataset.seconds, step = seconds / +strip.dataset.frames;
const handle = svg.createSVGPoint();

function playing_set(on) {
	if (on)
		svg.unpauseAnimations();
	else
		svg.pauseAnimations();
	strip.classList.toggle("paused", !on);
	button.setAttribute("aria-label", on ? "pause" : "play");
	button.querySelector("path").setAttribute("d", on ? "M-5,-6V6M5,-6V6" : "M-5,-7L7,0L-5,7Z");
}

/* The moment of the film, whichever time round it is. */
const now = () => svg.getCurrentTime() % seconds;

function scrub(time) {
	/* The end is the beginning: one stops just before it. */
	svg.setCurrentTime(Math.min(Math.max(time, 0), seconds * (1 - 1e-6)));
}

function scrub_to(event) {
	handle.x = event.clientX;
	handle.y = event.clientY;
	const { x } = handle.matrixTransform(strip.getScreenCTM().inverse());
	scrub((x - line.left) / (line.right - line.left) * seconds);
}

const middle_of_bars = strip.querySelector("rect").y.baseVal.value + 32;
const hold = make(NS, "rect", { class: "hold", x: line.left - 6, y: middle_of_bars - 26,
				width: line.right - line.left + 12, height: 56, fill: "transparent" });
const button = make(NS, "g", { class: "play", role: "button", tabindex: 0,
			       transform: `translate(${line.left - 90} ${middle_of_bars})` },
	make(NS, "circle", { r: 13, fill: "transparent", stroke: "none" }),
	make(NS, "path", { fill: "none", "stroke-width": 3, stroke: strip.querySelector("text").getAttribute("fill") }));
strip.append(hold, button);

let was_playing = false, scrubbing = false;
hold.addEventListener("pointerdown", event => {
	if (event.button !== 0)
		return;
	was_playing = !svg.animationsPaused();
	scrubbing = true;
	svg.pauseAnimations();
	scrub_to(event);
});
addEventListener("pointermove", event => scrubbing && scrub_to(event));
function scrub_end() {
	if (scrubbing)
		playing_set(was_playing);
	scrubbing = false;
}
addEventListener("pointerup", scrub_end);
addEventListener("pointercancel", scrub_end);
button.addEventListener("click", () => playing_set(svg.animationsPaused()));
/* None of it is the drawing's: no drag, no focus, no zoom. */
for (const type of ["pointerdown", "click", "dblclick"])
	strip.addEventListener(type, event => event.stopPropagation());

addEventListener("keydown", event => {
	if (event.target.closest?.("input, textarea, g.node, g.edge") || event.ctrlKey || event.metaKey || event.altKey)
		return;
	if (event.key === " ")
		playing_set(svg.animationsPaused());
	else if (event.key === "," || event.key === ".")
		playing_set(false), scrub(now() + (event.key === "." ? step : -step));
	else
		return;
	event.preventDefault();
});
hint.textContent = "space: pause · , .: step · drag the time line · " + hint.textContent;
playing_set(!matchMedia("(prefers-reduced-motion: reduce)").matches);
