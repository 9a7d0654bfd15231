import assert from "node:assert/strict";
import { test } from "node:test";

import { isForPage } from "../../static/js/search-key.js";

const press = (target, more = {}) => ({ target, key: "/", ...more });

test("a key on the page is the page's", () => {
  assert.equal(isForPage(press({ tagName: "BODY" })), true);
  assert.equal(isForPage(press({ tagName: "A" })), true);
});

test("a key in a field, or with a modifier, is not", () => {
  for (const tagName of ["INPUT", "TEXTAREA", "SELECT"]) assert.equal(isForPage(press({ tagName })), false);
  assert.equal(isForPage(press({ tagName: "DIV", isContentEditable: true })), false);
  for (const modifier of ["ctrlKey", "metaKey", "altKey", "isComposing", "defaultPrevented"]) {
    assert.equal(isForPage(press({ tagName: "BODY" }, { [modifier]: true })), false);
  }
});
