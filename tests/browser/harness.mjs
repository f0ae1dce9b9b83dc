// SPDX-License-Identifier: GPL-2.0-only
// Pages in a real browser: TAP, waiting for conditions, and looking at pixels.
// FOLDER (the first argument) has node_modules/playwright-core and the drawings,
// and gets a screenshot of how each test ended.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { inflateSync } from "node:zlib";

export const folder = process.argv[2];
const require = createRequire(pathToFileURL(folder + "/"));
const { chromium } = require("playwright-core");
const DEADLINE = 60000; // ms, of one condition

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM,
	// Root needs the first. The second: colours as they are written.
	args: ["--no-sandbox", "--force-color-profile=srgb"],
	timeout: 60000,
});
let number = 0, failed = 0;

export const url_of = file => pathToFileURL(folder + "/" + file).href;

export function check(truth, what) {
	if (!truth)
		throw new Error(what);
}

// Waits until run (in the page) says something true, and returns it.
export async function until(page, run, argument) {
	const handle = await page.waitForFunction(run, argument, { timeout: DEADLINE, polling: 20 });
	return handle.jsonValue();
}

// Waits until nothing fades any more.
export const calm = page => until(page, () =>
	document.getAnimations().every(animation => animation.playState !== "running"));

// Whatever a page complains of, asks for or tries to show fails its test.
function watch(page, mistakes) {
	page.on("pageerror", error => mistakes.push(String(error)));
	page.on("console", message => {
		if (["error", "warning"].includes(message.type()))
			mistakes.push("console: " + message.text());
	});
	page.on("dialog", dialog => {
		mistakes.push("a dialog: " + dialog.message());
		dialog.dismiss().catch(() => {});
	});
	page.on("request", request => {
		if (!/^(file|data):/.test(request.url()))
			mistakes.push("asks for " + request.url());
	});
}

export async function test(name, at, run, { scripts = true } = {}) {
	const context = await browser.newContext({ viewport: { width: 1400, height: 900 },
						   javaScriptEnabled: scripts });
	const page = await context.newPage(), mistakes = [];
	let problem = "";
	watch(page, mistakes);
	page.setDefaultTimeout(DEADLINE);
	try {
		await page.goto(at);
		await run(page);
		problem = mistakes.join("; ");
	} catch (error) {
		problem = [String(error), ...mistakes].join("; ").replaceAll("\n", " ");
	}
	await page.screenshot({ path: `${folder}/${name.replace(/\W+/g, "-")}.png` }).catch(() => {});
	await context.close();
	number++;
	failed += problem !== "";
	console.log(`${problem ? "not ok" : "ok"} ${number} - ${name}`);
	if (problem)
		console.log("# " + problem);
}

export async function done() {
	console.log("1.." + number);
	await browser.close();
	return failed;
}

// Of one row of a PNG: what its filter took off, put back. before is the row above it.
function unfilter(kind, row, before, depth) {
	for (let i = 0; kind && i < row.length; i++) {
		const a = i < depth ? 0 : row[i - depth], b = before[i], c = i < depth ? 0 : before[i - depth];
		if (kind < 4) {
			row[i] += kind === 1 ? a : kind === 2 ? b : (a + b) >> 1;
			continue;
		}
		const da = Math.abs(b - c), db = Math.abs(a - c), dc = Math.abs(a + b - 2 * c);
		row[i] += da <= db && da <= dc ? a : db <= dc ? b : c;
	}
}

// What is to be seen: { width, height, data: RGB, and a byte to spare }. clip is { x, y, width, height } or nothing.
async function pixels(page, clip) {
	const png = await page.screenshot({ clip, caret: "hide" });
	const parts = [];
	for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
		if (png.toString("latin1", at + 4, at + 8) === "IDAT")
			parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
	}
	const [width, height, depth] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25] === 6 ? 4 : 3];
	const raw = inflateSync(Buffer.concat(parts)), data = new Uint8Array(width * height * 4);
	let before = new Uint8Array(width * depth);
	for (let y = 0; y < height; y++) {
		const start = y * (width * depth + 1), row = new Uint8Array(raw.subarray(start + 1, start + 1 + width * depth));
		unfilter(raw[start], row, before, depth);
		for (let x = 0; x < width; x++)
			data.set(row.subarray(x * depth, x * depth + 3), (y * width + x) * 4);
		before = row;
	}
	return { width, height, data };
}

// How many pixels are of about this colour.
export async function count(page, clip, [red, green, blue], tolerance = 40) {
	const { data } = await pixels(page, clip);
	let found = 0;
	for (let i = 0; i < data.length; i += 4) {
		found += Math.abs(data[i] - red) <= tolerance && Math.abs(data[i + 1] - green) <= tolerance &&
			 Math.abs(data[i + 2] - blue) <= tolerance;
	}
	return found;
}

// The darkest pixel, 0 to 255.
export async function darkest(page, clip) {
	const { data } = await pixels(page, clip);
	let least = 255;
	for (let i = 0; i < data.length; i += 4)
		least = Math.min(least, (data[i] + data[i + 1] + data[i + 2]) / 3);
	return least;
}

export async function look(page) {
	await calm(page);
	return pixels(page);
}

// How many pixels differ between two looks.
export function differ(a, b) {
	let found = 0;
	check(a.width === b.width && a.height === b.height, "not of one size");
	for (let i = 0; i < a.data.length; i += 4) {
		found += Math.abs(a.data[i] - b.data[i]) + Math.abs(a.data[i + 1] - b.data[i + 1]) +
			 Math.abs(a.data[i + 2] - b.data[i + 2]) > 24;
	}
	return found;
}
