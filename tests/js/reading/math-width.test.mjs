import assert from "node:assert/strict";
import { test } from "node:test";
import { markWide } from "../../../static/js/reading/math-width.js";

globalThis.getComputedStyle = ({ display }) => ({ display });

const line = { display: "block", clientWidth: 332 };
const link = { display: "inline", clientWidth: 0, parentElement: line };
const formula = (width, { parentElement = line, isInline = true } = {}) => ({
  dataset: {},
  parentElement,
  matches: () => isInline,
  getBoundingClientRect: () => ({ width }),
});
const isMarked = ({ dataset }) => dataset.wide === "";

test("an inline formula that is wider than its line is marked", () => {
  const formulas = [formula(1780), formula(40), formula(332.4)];
  markWide(formulas);
  assert.deepEqual(formulas.map(isMarked), [true, false, false]);
});

test("the line of a formula inside a link is that of the block around it", () => {
  const formulas = [formula(1780, { parentElement: link }), formula(40, { parentElement: link })];
  markWide(formulas);
  assert.deepEqual(formulas.map(isMarked), [true, false]);
});

test("a display scrolls anyway", () => {
  const display = formula(1780, { isInline: false });
  markWide([display]);
  assert.equal(isMarked(display), false);
});
