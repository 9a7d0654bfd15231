import assert from "node:assert/strict";
import { test } from "node:test";

import { cycleDensity } from "../../../static/js/cards/density.js";

/** A page whose switch has these densities, with `current` chosen; returns the cookie that the key d sets. */
function press(names, current) {
  const links = names.map((name) => ({ dataset: { density: name }, matches: () => name === current }));
  globalThis.document = { querySelectorAll: () => links, cookie: "" };
  globalThis.location = Object.assign(new URL("http://x/arxiv/cs.CL?density=full"), { reload() {} });
  globalThis.history = { replaceState() {} };
  return [cycleDensity(), globalThis.document.cookie.split(";")[0]];
}

test("densities follow each other in a circle", () => {
  const names = ["list", "compact", "full"];
  assert.deepEqual(names.map((name) => press(names, name)[1]), ["density=compact", "density=full", "density=list"]);
});

test("a page without a list has no density", () => {
  assert.deepEqual(press([], ""), [false, ""]);
});
