import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { startFeatures } from "../../static/js/main.js";

/** A part of a page that holds elements for the given selectors, and itself matches some. */
const part = (held, matched = []) => ({
  matches: (selector) => matched.includes(selector),
  querySelector: (selector) => (held.includes(selector) ? {} : null),
});

const feature = (selector, start) => [selector, mock.fn(async () => ({ start }))];

test("a feature is fetched only where its elements are", async () => {
  const wanted = feature(".math", mock.fn());
  const other = feature(".pdf", mock.fn());
  await startFeatures(part([".math"]), [wanted, other]);
  assert.equal(wanted[1].mock.callCount(), 1);
  assert.equal(other[1].mock.callCount(), 0);
});

test("a feature starts on the part that came in, also where that is the element itself", async () => {
  const start = mock.fn();
  const root = part([], [".math"]);
  await startFeatures(root, [feature(".math", start)]);
  assert.deepEqual(start.mock.calls[0].arguments, [root]);
});

test("a feature that breaks leaves the others alone", async () => {
  const complain = mock.method(console, "error", () => {});
  const start = mock.fn();
  const broken = feature(".a", () => {
    throw new Error("no");
  });
  await startFeatures(part([".a", ".b"]), [broken, feature(".b", start)]);
  assert.equal(start.mock.callCount(), 1);
  assert.equal(complain.mock.callCount(), 1);
  complain.mock.restore();
});
