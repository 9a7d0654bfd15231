/**
 * Searches for what only this browser knows (`is:starred`, `note:word`): the page names the flags of its query, and
 * is asked for again with the keys that they stand for. Other searches send nothing.
 */
import { all } from "./store.js";

const KINDS = { starred: "star", read: "read", unread: "read", hidden: "hide" };
let sent;

/** Lower case, without marks, one space between words: the same as `fold` of coolpapers/people/flags.py. */
export function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().split(/\s+/).filter(Boolean).join(" ");
}

export async function startFlags(root) {
  const marker = root.querySelector("[data-flags]");
  if (!marker || sent) return;
  document.addEventListener("htmx:configRequest", sendAlong);
  const names = JSON.parse(marker.dataset.flags);
  const found = await Promise.all(names.map(async (name) => [name, await keysOf(name)]));
  sent = JSON.stringify(Object.fromEntries(found));
  const response = await fetch(window.location, { method: "POST", body: new URLSearchParams({ flags: sent }) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  window.htmx.swap("#main", await response.text(), { swapStyle: "outerHTML" }, { select: "#main" });
}

/** The next cards of such a search come by POST too. */
function sendAlong({ detail }) {
  if (detail.path.split("?")[0] !== window.location.pathname) return;
  detail.verb = "post";
  detail.useUrlParams = false;
  detail.headers["Content-Type"] = "application/x-www-form-urlencoded"; // which htmx has settled by the old verb
  detail.parameters.flags = sent;
}

/** Keys of the papers that a flag stands for; undefined, which leaves it out, where there is no such collection. */
async function keysOf(name) {
  const [kind] = name.split(":", 1);
  const value = name.slice(kind.length + 1);
  if (kind === "is") return keys(await all(KINDS[value]));
  if (kind === "note") return keys((await all("note")).filter(({ value: { text } }) => fold(text).includes(fold(value))));
  const named = (await all("collection")).filter(({ key, value: { name: title } }) => [fold(title), fold(key)].includes(fold(value)));
  if (!named.length) return undefined;
  const members = (await all("member")).map(({ key }) => [key.slice(0, key.indexOf("/")), key.slice(key.indexOf("/") + 1)]);
  return members.filter(([ident]) => named.some(({ key }) => key === ident)).map(([, paper]) => paper);
}

const keys = (items) => items.map(({ key }) => key);
