/**
 * The personal pages: a list filled with the cards of the papers kept here, the cloud of words of those opened, files in
 * and out, and what the browser kept before its reader had an account.
 */
import { find, findAll, make, newestFirst, on, once, sendAlong } from "../page/dom.js";
import { account, all, allOf, exportAll, importAll, keysOf, takeIn } from "./store.js";
import { run } from "./sync.js";

const posted = new Map(); // lists, and the keys of what fills them, which go along with each request for more

/** Fill a list with the cards of papers. `list.dataset.path` is where they are asked for, page by page: `/me/cards`. */
function fillCards(list, items) {
  posted.set(list, keysOf(items).join("\n"));
  return htmx.ajax("POST", list.dataset.path, { source: list, target: list, swap: "innerHTML" });
}

export const start = once(async () => {
  sendAlong(({ path }, target) => {
    const list = target.closest("[data-path]");
    return path.startsWith(list?.dataset.path) && { keys: posted.get(list) };
  });
  const cloud = find("[data-word-cloud]");
  if (cloud) return fillCloud(cloud);
  on("click", download, find("[data-export]"));
  on("submit", upload, find("[data-import]"));
  if (account) await run(); // what other devices wrote, first
  on("coolpapers:state", ({ detail: { key } }) => (key === "*" ? fill() : showCounts()));
  await fill();
  await offerOld();
});

async function fillCloud(cloud) {
  const read = newestFirst(await all("read")).slice(0, 500);
  if (read.length) await fillCards(cloud, read);
}

async function showCounts() {
  const [starred, read, notes, hidden] = await allOf(["star", "read", "note", "hide"]);
  const isRead = new Set(keysOf(read));
  const found = { starred, notes, hidden, unread: starred.filter(({ key }) => !isRead.has(key)) };
  for (const place of findAll("[data-count]")) place.textContent = found[place.dataset.count].length;
  return found;
}

async function fill() {
  const list = find("[data-shelf]");
  const items = newestFirst((await showCounts())[list.dataset.shelf]);
  find("[data-shelf-empty]").hidden = items.length > 0;
  if (items.length) await fillCards(list, items);
  else list.replaceChildren();
}

async function download(event) {
  if (account) return; // the server has it all, other devices' too
  event.preventDefault();
  const file = new Blob([JSON.stringify(await exportAll(), null, 1)], { type: "application/json" });
  const link = make("a", { href: URL.createObjectURL(file), download: event.target.download });
  link.click();
  URL.revokeObjectURL(link.href);
}

async function upload(event) {
  event.preventDefault();
  const form = event.target;
  const words = find("[data-import-words]");
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
  const offer = find("[data-take-in]");
  const n = offer && (await takeIn(false));
  if (!n) return;
  offer.firstElementChild.textContent = offer.dataset.words.replace("{n}", n);
  offer.hidden = false;
  const takeAll = async () => {
    await takeIn(true);
    offer.hidden = true;
  };
  on("click", takeAll, find("button", offer));
}
