/**
 * Collections, saved searches and keywords. The server makes their pages and works out every change; a reader without an
 * account sends along what is kept here, for that one request. Parts with `data-local` do so, of the kinds in
 * `data-kinds` (members: of one collection or paper where `data-of` names it), or send the address's `#` where there are
 * none. What an answer changes stands in its `data-writes`.
 */
import { find, isPlain, on, once, onClick, sendAlong, within } from "../page/dom.js";
import { allOf, get, importAll, put } from "./store.js";

let items = "";

const listen = once(() => {
  on("htmx:confirm", gather);
  sendAlong((_, target) => localPart(target) && { items, now: Date.now() });
  on("htmx:beforeSwap", keepFirst);
  onClick("[data-opens]", open);
  document.addEventListener("toggle", ({ target }) => fill(target), true);
});

export function start(root) {
  listen();
  fill(root);
}

/** Ask for the parts that wait, but for those that are folded away. */
function fill(root) {
  for (const part of within("[data-waiting]", root)) {
    if (!part.closest("details:not([open])")) htmx.trigger(part, "kept");
  }
}

/** An answer that changes something is shown once the change is kept: a reader who then leaves has lost nothing. */
async function keepFirst({ detail }) {
  const { serverResponse, shouldSwap, target } = detail;
  if (!shouldSwap || !serverResponse.includes("data-writes=")) return;
  const answer = new DOMParser().parseFromString(serverResponse, "text/html");
  const writes = JSON.parse(find("[data-writes]", answer).dataset.writes);
  if (!writes.length) return;
  detail.shouldSwap = false;
  await importAll({ items: writes });
  htmx.swap(target, serverResponse, { swapStyle: "outerHTML" });
}

/** The part that a request is of: what opens from a card in it (a citation, a PDF) is none of its own. */
function localPart(target) {
  const part = target.closest("[data-local], .panel, .card-actions");
  return part?.matches("[data-local]") && part;
}

async function gather(event) {
  const part = localPart(event.target);
  if (!part) return;
  event.preventDefault();
  const { kinds, of = "" } = part.dataset;
  const isMeant = ({ kind, key }) => kind !== "member" || key.startsWith(of) || key.endsWith(of);
  const kept = kinds && (await allOf(kinds.split(" "))).flat().filter(isMeant);
  items = kinds ? JSON.stringify(kept) : location.hash;
  event.detail.issueRequest(true);
}

/** A saved search that is opened has been looked at; kept before the page goes. */
async function open(link, event) {
  if (isPlain(event)) event.preventDefault();
  const search = await get("search", link.dataset.opens);
  if (search) await put("search", search.key, { ...search.value, opened: Date.now() });
  if (event.defaultPrevented) location.assign(link.href);
}
