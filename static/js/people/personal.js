/**
 * The personal pages: a list of the papers that this browser holds, the keyword cloud of opened papers, import and
 * export, and taking the items from before an account into the account.
 */
import { cancel, find, findAll, make, newestFirst, on, once, sendAlong } from "../page/dom.js";
import { account, all, allOf, exportAll, importAll, keysOf, takeIn } from "./store.js";
import { run } from "./sync.js";

const posted = new Map(); // per list, the keys of its papers, sent with each request for more cards

/** Fill a list with the cards of papers, requested page by page at `list.dataset.path` (`/me/cards`). */
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
  if (account) await run(); // first get what other devices wrote
  on("coolpapers:state", ({ detail: { key } }) => (key === "*" ? fill() : showCounts()));
  await fill();
  await offerImport();
});

async function fillCloud(cloud) {
  const read = newestFirst(await all("read")).slice(0, 500);
  if (read.length) await fillCards(cloud, read);
}

async function showCounts() {
  const [starred, read, notes, hidden] = await allOf(["star", "read", "note", "hide"]);
  const isRead = new Set(keysOf(read));
  const lists = { starred, notes, hidden, unread: starred.filter(({ key }) => !isRead.has(key)) };
  for (const element of findAll("[data-count]")) element.textContent = lists[element.dataset.count].length;
  return lists;
}

async function fill() {
  const list = find("[data-list]");
  const items = newestFirst((await showCounts())[list.dataset.list]);
  find("[data-list-empty]").hidden = items.length > 0;
  if (items.length) await fillCards(list, items);
  else list.replaceChildren();
}

async function download(event) {
  if (account) return; // the server has all items, also those of other devices
  cancel(event);
  const file = new Blob([JSON.stringify(await exportAll(), null, 1)], { type: "application/json" });
  const link = make("a", { href: URL.createObjectURL(file), download: event.target.download });
  link.click();
  URL.revokeObjectURL(link.href);
}

async function upload(event) {
  cancel(event);
  const form = event.target;
  const words = find("[data-import-words]");
  try {
    const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
    const answer = await response.json();
    const n = response.ok && (await importAll(answer));
    words.textContent = answer.error ?? `${answer.words} ${words.dataset.imported.replace("{n}", n)}`;
    if (response.ok) form.reset();
  } catch {
    words.textContent = form.dataset.failed;
  }
}

/** With an account, offer to take in the items from before it. */
async function offerImport() {
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
