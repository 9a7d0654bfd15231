import assert from "node:assert/strict";
import { test } from "node:test";

import { clampWidth } from "../../../static/js/cards/pane.js";

test("the width is a whole number of hundredths that leaves room for the list and for the paper", () => {
  assert.deepEqual([-5, 25.4, 40, 64.6, 200].map(clampWidth), [25, 25, 40, 65, 65]);
});
