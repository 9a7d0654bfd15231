import assert from "node:assert/strict";
import { test } from "node:test";

import { pageOf } from "../../../static/js/cards/selection.js";

test("papers of arXiv go to its address, others and mixed ones to that of venues", () => {
  assert.equal(pageOf(["2406.01234", "hep-th/9901001"]), "/arxiv/2406.01234,hep-th/9901001");
  assert.equal(pageOf(["2406.01234", "a@OpenReview"]), "/venue/2406.01234,a@OpenReview");
});
