import assert from "node:assert/strict";
import { test } from "node:test";

import { nextDensity } from "../../../static/js/cards/density.js";

test("densities follow each other in a circle", () => {
  assert.deepEqual(["list", "compact", "full"].map(nextDensity), ["compact", "full", "list"]);
});

test("after an unknown one comes the first", () => {
  assert.equal(nextDensity("tiny"), "list");
});
