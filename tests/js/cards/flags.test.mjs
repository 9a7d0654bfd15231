import assert from "node:assert/strict";
import { test } from "node:test";

import { fold } from "../../../static/js/cards/flags.js";

test("case, marks and line ends do not count, as on the server", () => {
  assert.equal(fold("  Schrödinger\n\tEQUATION "), "schrodinger equation");
  assert.equal(fold("ﬁne ½ Ⅳ"), "fine 1⁄2 iv");
  assert.equal(fold("知识 图谱"), "知识 图谱");
  assert.equal(fold("हिन्दी"), "हनद");
});
