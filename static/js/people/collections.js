/**
 * Collections, saved searches and keywords. The server renders their pages and computes every change; a browser of a
 * reader without an account sends its items with each request. Parts with `data-local` do so: they send the items of the
 * kinds in `data-kinds` (of members, those of the collection or paper in `data-of`), or the fragment of the address
 * where there are no kinds; a part with `data-optional` sends nothing where this browser has no such items. `data-writes` of an answer holds the changes to store.
 */
import { cancel, find, isPlain, on, once, onClick, sendAlong, within } from "../page/dom.js";
import { allOf, get, importAll, put } from "./store.js";

let items = "";

const listen = once(() => {
  on("htmx:confirm", gather);
  sendAlong((_, target) => localPart(target) && { items, now: Date.now() });
  on("htmx:beforeSwap", storeFirst);
  onClick("[data-opens]", open);
  document.addEventListener("toggle", ({ target }) => fill(target), true);
});

export function start(root) {
  listen();
  fill(root);
}

/** Request the parts that are not loaded yet, except in closed details. */
function fill(root) {
  for (const part of within("[data-waiting]", root)) {
    if (!part.closest("details:not([open])")) htmx.trigger(part, "load-items");
  }
}

/** Store the changes of an answer before it is shown, so that a reader who then leaves loses nothing. */
async function storeFirst({ detail }) {
  const { serverResponse, shouldSwap, target } = detail;
  if (!shouldSwap || !serverResponse.includes("data-writes=")) return;
  const answer = new DOMParser().parseFromString(serverResponse, "text/html");
  const writes = JSON.parse(find("[data-writes]", answer).dataset.writes);
  if (!writes.length) return;
  detail.shouldSwap = false;
  await importAll({ items: writes });
  htmx.swap(target, serverResponse, { swapStyle: "outerHTML" });
}

/** The local part that a request belongs to; panels and actions of its cards do not belong to it. */
function localPart(target) {
  const part = target.closest("[data-local], .panel, .card-actions");
  return part?.matches("[data-local]") && part;
}

async function gather(event) {
  const part = localPart(event.target);
  if (!part) return;
  cancel(event);
  const { kinds, of = "" } = part.dataset;
  const isPart = ({ kind, key }) => kind !== "member" || key.startsWith(of) || key.endsWith(of);
  const sent = kinds && (await allOf(kinds.split(" "))).flat().filter(isPart);
  if (sent?.length === 0 && "optional" in part.dataset && event.target === part) return;
  items = kinds ? JSON.stringify(sent) : location.hash;
  event.detail.issueRequest(true);
}

/** Before the page is left, store that a saved search was opened, with the look (JSON) at its results. */
async function open(link, event) {
  if (isPlain(event)) cancel(event);
  const search = await get("search", link.dataset.opens);
  if (search) await put("search", search.key, { ...search.value, ...JSON.parse(link.dataset.look) });
  if (event.defaultPrevented) location.assign(link.href);
}
