import assert from "node:assert/strict";
import { test } from "node:test";

import { fold, readWords } from "../../../static/js/cards/filter.js";

test("folding drops case and marks, and keeps every character at its place", () => {
  assert.equal(fold("Schrödinger ÉCOLE"), "schrodinger ecole");
  for (const text of ["İstanbul", "𝒜 ﬁne 图神经网络 한국어 ß ẞ", "a\u0301b"]) assert.equal(fold(text).length, text.length);
});

test("words are apart by blanks, phrases in quotation marks are whole", () => {
  assert.deepEqual(readWords('  Graph "Neural  net" x'), ["graph", "neural  net", "x"]);
  assert.deepEqual(readWords(""), []);
});

test("a quotation mark that is still open, or alone, is no word", () => {
  assert.deepEqual(readWords('graph "neural'), ["graph", "neural"]);
  assert.deepEqual(readWords('"" "'), []);
});
