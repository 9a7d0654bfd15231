import assert from "node:assert/strict";
import { test } from "node:test";

import { changedBlocks } from "../../../static/js/reading/summary.js";

test("only what changed or is new is replaced", () => {
  assert.deepEqual(changedBlocks(["<p>a</p>", "<p>b"], ["<p>a</p>", "<p>b c</p>", "<p>d</p>"]), [1, 2]);
});

test("nothing is replaced where nothing changed, also when blocks went away", () => {
  assert.deepEqual(changedBlocks(["<p>a</p>", "<p>b</p>"], ["<p>a</p>"]), []);
});

test("without knowledge of what stands there everything is", () => {
  assert.deepEqual(changedBlocks([], ["<p>a</p>", "<p>b</p>"]), [0, 1]);
});
