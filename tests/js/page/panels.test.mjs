import assert from "node:assert/strict";
import { test } from "node:test";

import { closePanel } from "../../../static/js/page/panels.js";

test("a closed panel is empty and its button says so", () => {
  const link = {};
  const asked = [];
  globalThis.CSS = { escape: (id) => id };
  globalThis.document = {
    querySelectorAll: (selector) => (asked.push(selector), [link]),
  };
  let children = ["summary"];
  closePanel({ id: "summary-7", matches: (selector) => selector === ".panel", replaceChildren: () => (children = []) });
  assert.deepEqual(children, []);
  assert.deepEqual(link, { ariaExpanded: "false" });
  assert.deepEqual(asked, ['[data-panel][aria-controls="summary-7"]']);
});

test("closing what is not there is no error", () => {
  closePanel(null);
});
