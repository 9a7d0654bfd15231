import assert from "node:assert/strict";
import { test } from "node:test";

import { nameOf, pageOf } from "../../../static/js/cards/selection.js";

test("a paper is named as in its own address", () => {
  assert.equal(nameOf("/arxiv/2406.01234"), "2406.01234");
  assert.equal(nameOf("/arxiv/hep-th/9901001"), "hep-th/9901001");
  assert.equal(nameOf("/venue/a%20b@OpenReview"), "a%20b@OpenReview");
});

test("papers of arXiv go to its address, others and mixed ones to that of venues", () => {
  assert.equal(pageOf(["2406.01234", "hep-th/9901001"]), "/arxiv/2406.01234,hep-th/9901001");
  assert.equal(pageOf(["2406.01234", "a@OpenReview"]), "/venue/2406.01234,a@OpenReview");
});
