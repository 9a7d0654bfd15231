/**
 * Searches for what only this browser knows (`is:starred`, `note:word`): the page names the flags of its query, and
 * is asked for again with the keys that they stand for. Other searches send nothing.
 */
import { find, once, request, sendAlong } from "../page/dom.js";
import { all, keysOf } from "../keeping/store.js";

const KINDS = { starred: "star", read: "read", unread: "read", hidden: "hide" };

/** Lower case, without marks, one space between words: the same as `fold` of coolpapers/people/kept/flags.py. */
export function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().split(/\s+/).filter(Boolean).join(" ");
}

export const start = once(async () => {
  const names = JSON.parse(find("[data-flags]").dataset.flags);
  const found = await Promise.all(names.map(async (name) => [name, await papersOf(name)]));
  const flags = JSON.stringify(Object.fromEntries(found));
  sendAlong(({ path }) => path.split("?")[0] === location.pathname && { flags }); // the next cards too
  const response = await request(location, { method: "POST", body: new URLSearchParams({ flags }) });
  htmx.swap("#main", await response.text(), { swapStyle: "outerHTML" }, { select: "#main" });
});

/** Keys of the papers that a flag stands for; undefined, which leaves it out, where there is no such collection. */
async function papersOf(name) {
  const [kind] = name.split(":", 1);
  const value = name.slice(kind.length + 1);
  if (kind === "is") return keysOf(await all(KINDS[value]));
  const isMeant = (text) => fold(text) === fold(value);
  if (kind === "note") return keysOf((await all("note")).filter((note) => fold(note.value.text).includes(fold(value))));
  const named = keysOf((await all("collection")).filter((one) => isMeant(one.value.name) || isMeant(one.key)));
  if (!named.length) return undefined;
  const members = keysOf(await all("member")).map((key) => key.split(/\/(.*)/s));
  return members.filter(([ident]) => named.includes(ident)).map(([, paper]) => paper);
}
