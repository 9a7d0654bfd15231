/**
 * Copies text and leaves the reader's selection as it is: links with `data-action="copy"` copy the text at their
 * address, buttons with `data-copy-from` the text of an element.
 */
import { cancel, find, findAll, focused, focusOn, isPlain, make, once, onClick, request, say } from "./dom.js";

const SHOWN_MS = 1500;
const listen = once(() => onClick("[data-action='copy'], [data-copy-from]", copy));

export function start(root) {
  for (const button of findAll("[data-copy-from][hidden]", root)) button.hidden = false;
  listen();
}

async function copy(source, event) {
  if (!isPlain(event)) return;
  cancel(event);
  const { copyFrom } = source.dataset;
  try {
    await writeClipboard(copyFrom ? Promise.resolve(find(`#${CSS.escape(copyFrom)}`).textContent) : request(source.href).then((response) => response.text()));
    announce(source);
  } catch {
    if (source.href) location.assign(source.href); // show the text, to be copied by hand
  }
}

/** Write text to the clipboard; `text` is a promise. */
export async function writeClipboard(text) {
  if (window.isSecureContext && window.ClipboardItem && navigator.clipboard?.write) {
    // The browser accepts a promise, so the permission of this click lasts until the text has arrived.
    const blob = text.then((value) => new Blob([value], { type: "text/plain" }));
    return navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  }
  return copyBySelection(await text);
}

/** Works over plain HTTP: select the text of a hidden field, copy it, and restore the reader's selection. */
function copyBySelection(value) {
  const selection = document.getSelection();
  const range = selection.rangeCount && selection.getRangeAt(0).cloneRange();
  const before = focused();
  const field = make("textarea", { value, className: "visually-hidden" });
  document.body.append(field);
  focusOn(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (before) focusOn(before);
  selection.removeAllRanges();
  if (range) selection.addRange(range);
  if (!copied) throw new Error("the browser refused to copy");
}

function announce(source) {
  const text = find(".copy-text", source) ?? source;
  source.dataset.label ??= text.textContent;
  text.textContent = source.dataset.copied;
  say(source.dataset.copied);
  clearTimeout(source.copyTimer);
  source.copyTimer = setTimeout(() => (text.textContent = source.dataset.label), SHOWN_MS);
}
