import assert from "node:assert/strict";
import { test } from "node:test";

import { addressOf, startOf } from "../../../static/js/cards/place.js";

test("a card lies in the part of the list that begins at a multiple of its size", () => {
  assert.deepEqual([1, 25, 26, 92, 400].map((number) => startOf(number, 25)), [0, 0, 25, 75, 375]);
});

test("the address names part and card, and keeps what else it says", () => {
  const href = "http://x/arxiv/cs.CL?sort=title&start=3#with=graph";
  const there = addressOf(href, 75, { at: "arxiv:1", paper: "2603.1", tab: false });
  assert.equal(there, "http://x/arxiv/cs.CL?sort=title&skip=75#with=graph&at=arxiv%3A1&paper=2603.1");
  assert.equal(addressOf(there, 0, { at: undefined, paper: undefined }), "http://x/arxiv/cs.CL?sort=title#with=graph");
  assert.equal(addressOf("http://x/search?q=a", 0, {}), "http://x/search?q=a");
});
