import assert from "node:assert/strict";
import { test } from "node:test";

import { actionOf } from "../../../static/js/cards/swipe.js";

test("a long swipe to the right stars, one to the left hides, a short one does nothing", () => {
  assert.deepEqual([200, 81, 80, 0, -80, -81].map(actionOf), ["star", "star", "", "", "", "hide"]);
  assert.equal(actionOf(undefined), "");
});
