import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

let observed;
let batches;
let near;
let refused;

globalThis.innerHeight = 900;

const formula = (name) => ({ name, textContent: `\\(${name}\\)`, dataset: {}, isConnected: true, matches: () => false });
const entry = (target, top) => ({ target, isIntersecting: true, boundingClientRect: { top, bottom: top + 20 } });
const under = (formulas) => ({ querySelectorAll: () => formulas.filter(({ dataset }) => !dataset.math) });
const isSettled = ({ dataset }) => ["typeset", "failed"].includes(dataset.math);

/** Wait until these have had their turn, however long that takes. */
async function settled(...formulas) {
  while (!formulas.every(isSettled)) await new Promise((resolve) => setTimeout(resolve));
}

beforeEach(() => {
  observed = new Set();
  batches = [];
  refused = null;
});

globalThis.IntersectionObserver = class {
  constructor(callback) {
    near = callback;
  }
  observe(target) {
    observed.add(target);
  }
  unobserve(target) {
    observed.delete(target);
  }
};
globalThis.FontFace = class {
  load = async () => this;
};
globalThis.window = { addEventListener() {} };
const classes = new Set();
globalThis.document = {
  fonts: { add() {} },
  documentElement: { classList: classes, dataset: { vendor: "/static/vendor/" } },
  baseURI: "https://papers.example/",
  createElement: () => ({}),
  head: {
    append({ onload }) {
      setTimeout(onload);
      globalThis.window.MathJax.startup = { promise: Promise.resolve(), document: { clear: () => batches.push("clear") } };
      globalThis.window.MathJax.typesetPromise = async (formulas) => {
        if (formulas.some(({ name }) => name === refused)) throw new Error("a font did not come");
        batches.push(formulas.map(({ name, dataset }) => `${name} ${dataset.math}`));
      };
    },
  },
};
classes.contains = classes.has;
const { typeset } = await import("../../../static/js/reading/math.js");

test("what is in view is set first, what is near next, the rest when it comes near", async () => {
  const [a, b, far] = ["a", "b", "far"].map(formula);
  typeset(under([a, b, far]));
  assert.deepEqual([...observed], [a, b, far]);
  near([entry(b, 1200), entry(a, 100)]);
  await settled(a, b);
  assert.deepEqual(batches, [["a setting"], "clear", ["b setting"], "clear"]);
  assert.deepEqual([a, b, far].map(({ dataset }) => dataset.math), ["typeset", "typeset", "waiting"]);
  assert.deepEqual([...observed], [far]);
});

test("a formula announced twice is taken once, and keeps its TeX", async () => {
  const a = formula("a");
  typeset(under([a]));
  typeset(under([a]));
  near([entry(a, 0)]);
  await settled(a);
  assert.deepEqual(batches, [["a setting"], "clear"]);
  assert.equal(a.tex, "\\(a\\)");
});

test("one that went from the page before its turn is left alone", async () => {
  const [gone, here] = ["gone", "here"].map(formula);
  typeset(under([gone, here]));
  near([entry(gone, 0), entry(here, 0)]);
  gone.isConnected = false;
  await settled(here);
  assert.deepEqual(batches, [["here setting"], "clear"]);
});

test("one that MathJax cannot set is shown as source and costs no other", async () => {
  const [good, bad] = ["good", "bad"].map(formula);
  refused = "bad";
  typeset(under([bad, good]));
  near([entry(bad, 0), entry(good, 0)]);
  await settled(good, bad);
  assert.deepEqual([good, bad].map(({ dataset }) => dataset.math), ["typeset", "failed"]);
  assert.ok(!classes.has("math-failed"));
});

test("what comes into view overtakes what is near, which is set a few at a time, each once", async () => {
  const [shown, ...ahead] = ["shown", ..."abcdef"].map(formula);
  typeset(under([shown, ...ahead]));
  near(ahead.map((one) => entry(one, 1200)));
  near([entry(shown, 0), ...ahead.map((one) => entry(one, 1100))]);
  await settled(shown, ...ahead);
  const set = batches.filter((batch) => batch !== "clear").map((batch) => batch.map((one) => one.split(" ")[0]).join(""));
  assert.deepEqual(set, ["shown", "abcd", "ef"]);
});
