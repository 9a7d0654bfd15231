import assert from "node:assert/strict";
import { test } from "node:test";

import { closePanel } from "../../../static/js/page/panels.js";

/** A card of these parts by selector. */
const cardOf = (parts) => ({ querySelector: (selector) => parts[selector] ?? null });

test("a closed panel is gone, its button says so and has the focus again", () => {
  const calls = [];
  const link = { checkVisibility: () => true, focus: () => calls.push("focus") };
  const panel = { dataset: { kind: "summary" }, contains: () => true, remove: () => calls.push("remove") };
  globalThis.document = { activeElement: {} };
  const card = cardOf({ ".panel": panel, "[data-action=summary]": link, "[data-panel][data-action=summary]": link });
  assert.equal(closePanel(card), true);
  assert.deepEqual(calls, ["remove", "focus"]);
  assert.equal(link.ariaExpanded, "false");
});

test("a focus elsewhere stays there", () => {
  const link = { checkVisibility: () => true, focus: () => assert.fail("the focus moved") };
  const panel = { dataset: { kind: "summary" }, contains: () => false, remove: () => {} };
  globalThis.document = { activeElement: {} };
  closePanel(cardOf({ ".panel": panel, "[data-action=summary]": link }));
});

test("closing what is not there is no error", () => {
  assert.equal(closePanel(null), false);
  assert.equal(closePanel(cardOf({})), false);
});
