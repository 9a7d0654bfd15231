import assert from "node:assert/strict";
import { test } from "node:test";

import { wins } from "../../../static/js/people/store.js";

const item = (changed, deleted = false, value = {}) => ({ changed, deleted, value });

test("the later write stays", () => {
  assert.equal(wins(item(2), item(1)), true);
  assert.equal(wins(item(1), item(2)), false);
  assert.equal(wins(item(0), undefined), true);
});

test("at the same time a removal stays, and of two values always the same one", () => {
  assert.equal(wins(item(1, true), item(1)), true);
  assert.equal(wins(item(1), item(1, true)), false);
  const [a, b] = [item(1, false, { text: "a" }), item(1, false, { text: "b" })];
  assert.notEqual(wins(a, b), wins(b, a));
  assert.equal(wins(a, { ...a }), false);
});
