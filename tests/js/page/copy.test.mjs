import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { writeClipboard } from "../../../static/js/page/copy.js";

let page;

/** As much of a page as copying by selection touches; `page.selected` is what the reader has selected. */
function makePage({ copies = true } = {}) {
  page = { selected: ["the reader's"], clipboard: null, focused: "link", field: null };
  const ranges = () => page.selected.map((text) => ({ cloneRange: () => text }));
  globalThis.document = {
    activeElement: { focus: () => (page.focused = "link") },
    body: { append: (field) => (page.field = field) },
    createElement: () => ({
      focus: () => (page.focused = "field"),
      select: () => (page.selected = []),
      remove: () => (page.field = null),
    }),
    execCommand: () => {
      if (copies) page.clipboard = page.field.value;
      return copies;
    },
    getSelection: () => ({
      rangeCount: page.selected.length,
      getRangeAt: (index) => ranges()[index],
      removeAllRanges: () => (page.selected = []),
      addRange: (range) => page.selected.push(range),
    }),
  };
}

beforeEach(() => {
  globalThis.window = { isSecureContext: false };
  makePage();
});

test("where the clipboard is open, it is given the promise, so that the click still counts", async () => {
  const written = [];
  globalThis.window = { isSecureContext: true, ClipboardItem: true };
  globalThis.ClipboardItem = class {
    constructor(types) {
      this.types = types;
    }
  };
  Object.defineProperty(globalThis, "navigator", {
    value: { clipboard: { write: async (items) => written.push(...items) } },
    configurable: true,
  });
  await writeClipboard(Promise.resolve("@misc{a}"));
  assert.equal(await (await written[0].types["text/plain"]).text(), "@misc{a}");
  assert.equal(page.clipboard, null);
});

test("on plain http the text goes by a hidden field, and selection and focus come back", async () => {
  await writeClipboard(Promise.resolve("text"));
  assert.equal(page.clipboard, "text");
  assert.deepEqual(page.selected, ["the reader's"]);
  assert.equal(page.focused, "link");
  assert.equal(page.field, null);
});

test("a browser that refuses is an error, and leaves nothing behind", async () => {
  makePage({ copies: false });
  await assert.rejects(writeClipboard(Promise.resolve("text")), /refused/);
  assert.deepEqual(page.selected, ["the reader's"]);
  assert.equal(page.field, null);
});

test("a text that does not come is an error", async () => {
  await assert.rejects(writeClipboard(Promise.reject(new Error("HTTP 404"))), /404/);
  assert.equal(page.clipboard, null);
});
