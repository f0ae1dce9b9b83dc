// SPDX-License-Identifier: GPL-2.0-only
// all.mjs FOLDER: tries the drawings of tests/browser/run. Prints TAP.
import { done } from "./harness.mjs";

for (const file of ["drawing", "page", "hostile", "film"])
	await import(`./${file}.mjs`);
process.exit(await done() ? 1 : 0);
