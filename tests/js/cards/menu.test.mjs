import assert from "node:assert/strict";
import { test } from "node:test";

import { labelOf, nameOf } from "../../../static/js/cards/menu.js";

test("a paper is named as in its own address", () => {
  assert.equal(nameOf("/arxiv/2406.01234"), "2406.01234");
  assert.equal(nameOf("/arxiv/hep-th/9901001"), "hep-th/9901001");
  assert.equal(nameOf("/venue/a%20b@OpenReview"), "a%20b@OpenReview");
});

test("the label of a button leaves out its icon and its key", () => {
  const node = (tag, textContent) => ({ nodeType: 1, textContent, matches: (selector) => selector === tag });
  const text = { nodeType: 3, textContent: " Cite " };
  assert.equal(labelOf({ childNodes: [node("svg", ""), text, node("kbd", "c")] }), "Cite");
  assert.equal(labelOf({ childNodes: [node("span", "Star")] }), "Star");
});
