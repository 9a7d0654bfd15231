/**
 * Collections and saved searches. The server makes their pages and works out every change; a reader without an account
 * sends along what is kept here, for that one request. Parts with `data-local` do so, of the kinds in `data-kinds`
 * (members: of one collection or paper where `data-of` names it), or send the address's `#` where there are none.
 * What an answer changes stands in its `data-writes`.
 */
import { all, get, importAll, put } from "./store.js";

let started = false;
let items = "";

export function startKept(root) {
  if (!started) {
    started = true;
    document.addEventListener("htmx:confirm", gather);
    document.addEventListener("htmx:configRequest", ({ target, detail: { parameters } }) => {
      if (target.closest("[data-local]")) Object.assign(parameters, { items, now: Date.now() });
    });
    document.addEventListener("htmx:beforeSwap", keepFirst);
    document.addEventListener("click", open);
    document.addEventListener("toggle", ({ target }) => fill(target), true);
  }
  fill(root);
}

/** Ask for the parts that wait, but for those that are folded away. */
function fill(root) {
  const parts = [...(root.matches?.("[data-waiting]") ? [root] : []), ...root.querySelectorAll("[data-waiting]")];
  for (const part of parts) if (!part.closest("details:not([open])")) window.htmx.trigger(part, "kept");
}

/** An answer that changes something is shown once the change is kept: a reader who then leaves has lost nothing. */
async function keepFirst({ detail }) {
  const { serverResponse, shouldSwap, target } = detail;
  if (!shouldSwap || !serverResponse.includes("data-writes=")) return;
  const answer = new DOMParser().parseFromString(serverResponse, "text/html");
  const writes = JSON.parse(answer.querySelector("[data-writes]").dataset.writes);
  if (!writes.length) return;
  detail.shouldSwap = false;
  await importAll({ items: writes });
  window.htmx.swap(target, serverResponse, { swapStyle: "outerHTML" });
}

async function gather(event) {
  const part = event.target.closest("[data-local]");
  if (!part) return;
  event.preventDefault();
  const { kinds, of = "" } = part.dataset;
  const isMeant = ({ kind, key }) => kind !== "member" || key.startsWith(of) || key.endsWith(of);
  const kept = kinds && (await Promise.all(kinds.split(" ").map(all))).flat().filter(isMeant);
  items = kinds ? JSON.stringify(kept) : window.location.hash;
  event.detail.issueRequest(true);
}

/** A saved search that is opened has been looked at; kept before the page goes. */
async function open(event) {
  const link = event.target.closest?.("[data-opens]");
  if (!link) return;
  const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (isPlain) event.preventDefault();
  const search = await get("search", link.dataset.opens);
  if (search) await put("search", search.key, { ...search.value, opened: Date.now() });
  if (isPlain) window.location.assign(link.href);
}
