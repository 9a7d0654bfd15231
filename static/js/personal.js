/**
 * The personal page: a list filled with the cards of the papers kept here, files in and out, and what the browser kept
 * before its reader had an account. Start at `startPersonal`.
 */
import { all, exportAll, importAll, takeIn } from "./store.js";

const posted = new WeakMap();
let started = false;

/**
 * Fill a list with the cards of papers. `list.dataset.path` is where they are asked for, page by page: `/me/cards`.
 */
export function fillCards(list, keys) {
  if (!posted.size) document.addEventListener("htmx:configRequest", sendKeys);
  posted.set(list, keys.join("\n"));
  return window.htmx.ajax("POST", list.dataset.path, { source: list, target: list, swap: "innerHTML" });
}

function sendKeys({ detail, target }) {
  const list = target.closest?.("[data-path]");
  if (posted.has(list)) detail.parameters.keys = posted.get(list);
}

export async function startPersonal() {
  if (started) return;
  started = true;
  document.querySelector("[data-export]").addEventListener("click", download);
  document.querySelector("[data-import]").addEventListener("submit", upload);
  if (document.documentElement.dataset.account) await (await import("./sync.js")).run(); // what other devices wrote, first
  document.addEventListener("coolpapers:state", ({ detail: { key } }) => (key === "*" ? fill() : showCounts()));
  await fill();
  await offerOld();
}

async function shelves() {
  const [star, read, note, hide] = await Promise.all(["star", "read", "note", "hide"].map(all));
  const isRead = new Set(read.map(({ key }) => key));
  return { starred: star, unread: star.filter(({ key }) => !isRead.has(key)), notes: note, hidden: hide };
}

async function showCounts() {
  const found = await shelves();
  for (const place of document.querySelectorAll("[data-count]")) place.textContent = found[place.dataset.count].length;
  return found;
}

async function fill() {
  const list = document.querySelector("[data-shelf]");
  const items = (await showCounts())[list.dataset.shelf].sort((a, b) => b.changed - a.changed);
  document.querySelector("[data-shelf-empty]").hidden = items.length > 0;
  if (items.length) await fillCards(list, items.map(({ key }) => key));
  else list.replaceChildren();
}

async function download(event) {
  if (document.documentElement.dataset.account) return; // the server has it all, other devices' too
  event.preventDefault();
  const file = new Blob([JSON.stringify(await exportAll(), null, 1)], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = event.target.download;
  link.click();
  URL.revokeObjectURL(link.href);
}

async function upload(event) {
  event.preventDefault();
  const form = event.target;
  const words = document.querySelector("[data-import-words]");
  try {
    const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
    const answer = await response.json();
    const n = response.ok && (await importAll(answer));
    words.textContent = answer.error ?? `${answer.words} ${words.dataset.kept.replace("{n}", n)}`;
    if (response.ok) form.reset();
  } catch {
    words.textContent = form.dataset.failed;
  }
}

/** With an account: offer what was kept here before, once. */
async function offerOld() {
  const offer = document.querySelector("[data-take-in]");
  const n = offer && (await takeIn(false));
  if (!n) return;
  offer.firstElementChild.textContent = offer.dataset.words.replace("{n}", n);
  offer.hidden = false;
  offer.querySelector("button").addEventListener("click", async () => {
    await takeIn(true);
    offer.hidden = true;
  });
}
