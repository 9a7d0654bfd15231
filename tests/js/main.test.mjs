import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { startFeatures } from "../../static/js/main.js";

/** A part of a page that holds elements for the given selectors, and itself matches some. */
const part = (held, matched = []) => ({
  matches: (selector) => matched.includes(selector),
  querySelector: (selector) => (held.includes(selector) ? {} : null),
});

test("a feature is started only where its elements are", async () => {
  const wanted = mock.fn();
  const other = mock.fn();
  await startFeatures(part([".math"]), [[".math", wanted], [".pdf", other]]);
  assert.equal(wanted.mock.callCount(), 1);
  assert.equal(other.mock.callCount(), 0);
});

test("a feature starts on the part that came in, also where that is the element itself", async () => {
  const start = mock.fn();
  const root = part([], [".math"]);
  await startFeatures(root, [[".math", start]]);
  assert.deepEqual(start.mock.calls[0].arguments, [root]);
});

test("a feature that breaks leaves the others alone", async () => {
  const complain = mock.method(console, "error", () => {});
  const start = mock.fn();
  const broken = () => {
    throw new Error("no");
  };
  await startFeatures(part([".a", ".b"]), [[".a", broken], [".b", start]]);
  assert.equal(start.mock.callCount(), 1);
  assert.equal(complain.mock.callCount(), 1);
  complain.mock.restore();
});
