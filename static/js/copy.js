/**
 * Copying without touching what the reader has selected: links with `data-action="copy"` copy the text at their
 * address, buttons with `data-copy-from` the text of an element.
 */
const SHOWN_MS = 1500;

export function startCopy(root) {
  for (const button of root.querySelectorAll("[data-copy-from][hidden]")) button.hidden = false;
  if (started) return;
  started = true;
  document.addEventListener("click", copyOnClick);
}

let started = false;

async function copyOnClick(event) {
  const source = event.target.closest?.("[data-action='copy'], [data-copy-from]");
  // A click with a modifier wants the link itself: a new tab, a download.
  if (!source || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const text = source.dataset.copyFrom
    ? Promise.resolve(document.getElementById(source.dataset.copyFrom).textContent)
    : fetchText(source.href);
  try {
    await writeClipboard(text);
    announce(source);
  } catch {
    if (source.href) window.location.assign(source.href); // the text itself, to be copied by hand
  }
}

async function fetchText(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.text();
}

/** Put text that may still be on its way into the clipboard. */
export async function writeClipboard(text) {
  if (window.isSecureContext && window.ClipboardItem && navigator.clipboard?.write) {
    // Given the promise, the browser keeps the permission of this click until the text is there.
    const blob = text.then((value) => new Blob([value], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    return;
  }
  copyBySelection(await text);
}

/** The way that works on plain http: select a hidden field, copy, and give the reader's selection back. */
function copyBySelection(text) {
  const selection = document.getSelection();
  const ranges = Array.from({ length: selection.rangeCount }, (_, index) => selection.getRangeAt(index).cloneRange());
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.focus({ preventScroll: true });
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus?.({ preventScroll: true });
  selection.removeAllRanges();
  for (const range of ranges) selection.addRange(range);
  if (!copied) throw new Error("the browser refused to copy");
}

function announce(source) {
  source.dataset.label ??= source.textContent;
  source.textContent = source.dataset.copied;
  status().textContent = source.dataset.copied;
  clearTimeout(source.copyTimer);
  source.copyTimer = setTimeout(() => {
    source.textContent = source.dataset.label;
    status().textContent = "";
  }, SHOWN_MS);
}

function status() {
  let region = document.getElementById("copy-status");
  if (!region) {
    region = document.createElement("p");
    region.id = "copy-status";
    region.className = "visually-hidden";
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  return region;
}
