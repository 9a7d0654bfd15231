import assert from "node:assert/strict";
import { test } from "node:test";

import { isForPage } from "../../../static/js/page/keys.js";

/** A key press on an element that matches selectors which begin so. */
const press = (name, more = {}) => ({
  target: { matches: (selector) => selector.split(/, (?![^(]*\))/).some((one) => one.startsWith(name)) },
  key: "j",
  ...more,
});

test("a key on the page is the page's", () => {
  assert.equal(isForPage(press("body")), true);
  assert.equal(isForPage({ key: "j" }), true);
});

test("a key in a field, or with a modifier, is not", () => {
  for (const name of ["input", "textarea", "select"]) assert.equal(isForPage(press(name)), false);
  assert.equal(isForPage({ target: { isContentEditable: true } }), false);
  for (const modifier of ["ctrlKey", "metaKey", "altKey", "isComposing", "defaultPrevented"]) {
    assert.equal(isForPage(press("body", { [modifier]: true })), false);
  }
});
