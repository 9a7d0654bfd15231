import assert from "node:assert/strict";
import { test } from "node:test";

Object.assign(globalThis, {
  document: { documentElement: { dataset: {} } },
  BroadcastChannel: class {
    postMessage() {}
  },
});

const { countKind } = await import("../../../static/js/cards/progress.js");

test("papers are counted by the kinds of state that they have", () => {
  const stored = [{ read: {} }, { read: {}, star: {} }, {}];
  assert.deepEqual([countKind(stored, "read"), countKind(stored, "star"), countKind([], "read")], [2, 1, 0]);
});
