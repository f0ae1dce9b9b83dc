// SPDX-License-Identifier: GPL-2.0-only
// A drawing that plays by itself: what is seen when, with scripts and without. film.json has
// frames of a second: "leaves" is written to in the first one and gone after the second;
// "comes" comes in the third, and in the fourth gets 100,000 times as much.
import { writeFileSync } from "node:fs";
import { check, count, darkest, differ, folder, look, test, until, url_of } from "./harness.mjs";

const url = url_of("film.svg"), SECONDS = 4;
const pipe = [0x27, 0x80, 0x3a], tcp = [0x7b, 0x3f, 0xa0];

const time = page => page.evaluate(() => document.documentElement.getCurrentTime());
const paused = page => page.evaluate(() => document.documentElement.animationsPaused());
const box = (page, selector) => page.evaluate(selector => {
	const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
	return { x, y, width, height };
}, selector);

async function at(page, seconds) {
	await page.evaluate(seconds => {
		document.documentElement.pauseAnimations();
		document.documentElement.setCurrentTime(seconds);
	}, seconds);
	await page.mouse.move(1398, 898);
	return look(page);
}
// The hole of the clock shows the text that is moved to where the first one stood.
const clock = page => page.evaluate(() => {
	const texts = [...document.querySelectorAll("g.clock text")];
	const up = document.querySelector("g.clock > g").transform.animVal.getItem(0).matrix.f;
	return texts.find(text => text.y.baseVal[0].value + up === texts[0].y.baseVal[0].value).textContent;
});

await test("film: lines light up in their frames, nodes come and leave", url, async page => {
	const leaves = await box(page, "#p2"), comes = await box(page, "#p3"), always = await box(page, "#p1");
	const first = await box(page, "#e-p1-p2"), second = await box(page, "#e-p1-p3");
	const seen = [];
	for (const [frame, green, purple, left, come] of
	     [[0, true, false, true, false], [1, false, false, true, false],
	      [2, false, true, false, true], [3, false, true, false, true]]) {
		seen.push(await at(page, frame + .5));
		check((await count(page, first, pipe) > 20) === green, `frame ${frame}: the pipe`);
		check((await count(page, second, tcp) > 20) === purple, `frame ${frame}: the tcp`);
		check((await darkest(page, leaves) < 200) === left, `frame ${frame}: "leaves"`);
		check((await darkest(page, comes) < 200) === come, `frame ${frame}: "comes"`);
		check(await darkest(page, always) < 200, `frame ${frame}: "always" is not there`);
		check(await clock(page) === `${frame}.0 s`, `frame ${frame}: the clock says ${await clock(page)}`);
	}
	for (let i = 1; i < 4; i++)
		check(differ(seen[i - 1], seen[i]) > 500, `frames ${i - 1} and ${i} look alike`);
});

await test("film: a silent node is pale, and a line swells with what it moves", url, async page => {
	const leaves = await box(page, "#p2"), second = await box(page, "#e-p1-p3 path");
	await at(page, .5);
	const talking = await darkest(page, leaves);
	await at(page, 1.5);
	const silent = await darkest(page, leaves);
	check(talking < 60 && silent > talking + 60, `${talking}, then ${silent}`);
	const band = { ...second, y: second.y - 6, height: second.height + 12 };
	await at(page, 2.5);
	const thin = await count(page, band, tcp);
	await at(page, 3.5);
	const thick = await count(page, band, tcp);
	check(thick > 2 * thin, `${thin} pixels of it, then ${thick}`);
});

await test("film: it plays by itself, and again", url, async page => {
	check(!await paused(page), "paused");
	const before = await time(page);
	await until(page, before => document.documentElement.getCurrentTime() > before + .3, before);
	const second = await at(page, 1.5), again = await at(page, SECONDS + 1.5);
	check(differ(second, again) === 0, "the second time round is another");
});

await test("film: the button and the space bar pause and play", url, async page => {
	const { x, y, width, height } = await box(page, "g.play");
	await page.mouse.click(x + width / 2, y + height / 2);
	check(await paused(page), "the button does not pause");
	await page.mouse.move(1398, 898);
	const before = await look(page), when = await time(page);
	await new Promise(done => setTimeout(done, 600));
	check(await time(page) === when, "time goes on");
	check(differ(before, await look(page)) === 0, "something moves");
	check(await page.evaluate(() => document.querySelector("g.play").getAttribute("aria-label")) === "play", "its name");
	await page.keyboard.press(" ");
	check(!await paused(page), "space does not play");
	await until(page, when => document.documentElement.getCurrentTime() > when, when);
	await page.keyboard.press(" ");
	check(await paused(page), "space does not pause");
	check(!/focus|view/.test(page.url()), page.url());
});

await test("film: the time line scrubs, and does not drag the drawing", url, async page => {
	const bars = await box(page, "g.time .hold"), matrix = () => page.evaluate(() =>
		document.querySelector("g.view").getAttribute("transform"));
	const before = await matrix(), to = share => [bars.x + 6 + (bars.width - 12) * share, bars.y + bars.height / 2];
	await page.keyboard.press(" ");
	await page.mouse.move(...to(.1));
	await page.mouse.down();
	check(Math.abs(await time(page) - .1 * SECONDS) < .05, "a press: " + await time(page));
	await page.mouse.move(...to(.875), { steps: 5 });
	check(Math.abs(await time(page) - .875 * SECONDS) < .05, "a drag: " + await time(page));
	await page.mouse.up();
	check(await paused(page), "it was paused before");
	check(await clock(page) === "3.0 s", "the clock says " + await clock(page));
	check(await matrix() === before, "the drawing moved");
	const scrubbed = (await page.mouse.move(1398, 898), await look(page));
	check(differ(scrubbed, await at(page, await time(page))) === 0, "not the picture of that moment");
	await page.keyboard.press(",");
	check(Math.abs(await time(page) - (.875 * SECONDS - 1)) < .06, "a step back: " + await time(page));
	await page.keyboard.press(".");
	check(Math.abs(await time(page) - .875 * SECONDS) < .06, "a step on: " + await time(page));
});

await test("film: the search and the focus still work", url, async page => {
	await at(page, 3.5);
	await page.keyboard.press("/");
	await page.keyboard.type("comes");
	await until(page, () => /nodes: 1, lines: 1/.test(document.querySelector(".answer").textContent));
});

// Without a script only what is seen tells: until pixels of this colour are there, or are not.
async function until_seen(page, clip, colour, there) {
	for (const end = Date.now() + 2.5 * SECONDS * 1000; Date.now() < end;) {
		if ((await count(page, clip, colour) > 20) === there)
			return;
	}
	check(false, `${colour} is never ${there ? "there" : "away"}`);
}

async function plays(page) {
	const clip = { x: 0, y: 0, width: 1400, height: 900 };
	for (let round = 0; round < 2; round++) {
		await until_seen(page, clip, pipe_only, true);
		await until_seen(page, clip, pipe_only, false);
	}
}
// A green that nothing else has: the mechanism in the legend has another for this test.
const pipe_only = [0x00, 0xd0, 0x10];

await test("film: without scripts it plays, and again", url_of("green.svg"), plays, { scripts: false });
writeFileSync(folder + "/film.html", "<!DOCTYPE html><meta charset=utf-8><title>img</title>" +
	"<body style='margin: 0'><img src=green.svg width=1000>");
await test("film: as an <img> it plays, and again", url_of("film.html"), plays);
