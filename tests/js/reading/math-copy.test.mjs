import assert from "node:assert/strict";
import { test } from "node:test";

import { delimitedTex, texOf } from "../../../static/js/reading/math-copy.js";

const formula = (textContent, { tex, display = false } = {}) => ({
  textContent,
  tex,
  classList: { contains: (name) => display && name === "math-display" },
});

test("the TeX of a formula that waits is its text without delimiters", () => {
  assert.equal(texOf(formula("\\(x_1 < y\\)")), "x_1 < y");
  assert.equal(texOf(formula("\n\\[ \\frac{a}{b} \\]\n", { display: true })), "\\frac{a}{b}");
});

test("once it is set, glyphs stand there and its TeX is what was kept", () => {
  assert.equal(texOf(formula("𝑥2", { tex: "\\(x^2\\)" })), "x^2");
});

test("delimiters inside a formula stay", () => {
  assert.equal(texOf(formula("\\(a \\text{if \\(b\\)}\\)")), "a \\text{if \\(b\\)}");
  assert.equal(texOf(formula("\\[\\left[ x \\right]\\]")), "\\left[ x \\right]");
});

test("a formula is copied as one would type it", () => {
  assert.equal(delimitedTex(formula("\\(x\\)")), "$x$");
  assert.equal(delimitedTex(formula("\\[x\\]", { display: true })), "$$x$$");
});
