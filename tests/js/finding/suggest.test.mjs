import assert from "node:assert/strict";
import { test } from "node:test";

import { nextRow, readAnswer } from "../../../static/js/finding/suggest.js";

test("rows are read from an OpenSearch answer", () => {
  const answer = ["gra", ["graph", "Graphs"], ["", "2 papers"], ["", "/arxiv/1"]];
  assert.deepEqual(readAnswer(answer, "gra"), [
    { text: "graph", words: "", address: "" },
    { text: "Graphs", words: "2 papers", address: "/arxiv/1" },
  ]);
});

test("an answer to an earlier query is ignored", () => {
  assert.deepEqual(readAnswer(["gra", ["graph"]], "grap"), []);
});

test("missing parts and nonsense give no error", () => {
  assert.deepEqual(readAnswer(["gra", ["graph"]], "gra"), [{ text: "graph", words: "", address: "" }]);
  assert.deepEqual(readAnswer(null, "gra"), []);
  assert.deepEqual(readAnswer({ error: 1 }, "gra"), []);
});

test("arrows go round through the box itself", () => {
  const down = [0, 1, 2, 3].map((_, i) => nextRow(i - 1, 1, 3));
  assert.deepEqual(down, [0, 1, 2, -1]);
  const up = [-1, 2, 1, 0].map((row) => nextRow(row, -1, 3));
  assert.deepEqual(up, [2, 1, 0, -1]);
});
