import assert from "node:assert/strict";
import { test } from "node:test";

import { badgesOf, countMembers } from "../../../static/js/cards/badges.js";

const WORDS = { seen: "Seen ✓", noted: "Note ✓", collected: "In 1 collection", collectedMany: "In {n} collections" };

test("members are counted for each paper; a key of a paper may hold slashes", () => {
  const counts = countMembers(["a/arxiv:1", "b/arxiv:1", "b/arxiv:hep-th/9901001"]);
  assert.deepEqual([...counts], [["arxiv:1", 2], ["arxiv:hep-th/9901001", 1]]);
});

test("a paper without state has no words", () => {
  assert.deepEqual(badgesOf([""], undefined, WORDS), []);
  assert.deepEqual(badgesOf(["star"], 0, WORDS), []);
});

test("seen, noted and collected papers say so", () => {
  assert.deepEqual(badgesOf(["read", "note"], 1, WORDS), ["Seen ✓", "Note ✓", "In 1 collection"]);
  assert.deepEqual(badgesOf([], 3, WORDS), ["In 3 collections"]);
});
