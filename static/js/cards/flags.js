/**
 * Searches by state that only this browser has (`is:starred`, `note:word`): the page names the flags of its query, and
 * this requests it again with the keys of the papers that each flag matches. Other searches send nothing.
 */
import { find, once, request, sendAlong } from "../page/dom.js";
import { all, keysOf } from "../people/store.js";

const KINDS = { starred: "star", read: "read", unread: "read", hidden: "hide" };

/** Lower case, without combining marks, one space between words: the same as `fold` of coolpapers/people/state/flags.py. */
export function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().split(/\s+/).filter(Boolean).join(" ");
}

export const start = once(async () => {
  const names = JSON.parse(find("[data-flags]").dataset.flags);
  const matches = await Promise.all(names.map(async (name) => [name, await papersOf(name)]));
  const flags = JSON.stringify(Object.fromEntries(matches));
  sendAlong(({ path }) => path.split("?")[0] === location.pathname && { flags }); // requests for more cards too
  const response = await request(location, { method: "POST", body: new URLSearchParams({ flags }) });
  htmx.swap("#main", await response.text(), { swapStyle: "outerHTML" }, { select: "#main" });
});

/** Keys of the papers that a flag matches; undefined, so that the flag is left out, where no such collection exists. */
async function papersOf(name) {
  const [kind] = name.split(":", 1);
  const value = name.slice(kind.length + 1);
  if (kind === "is") return keysOf(await all(KINDS[value]));
  const isEqual = (text) => fold(text) === fold(value);
  if (kind === "note") return keysOf((await all("note")).filter((note) => fold(note.value.text).includes(fold(value))));
  const named = keysOf((await all("collection")).filter((item) => isEqual(item.value.name) || isEqual(item.key)));
  if (!named.length) return undefined;
  const members = keysOf(await all("member")).map((key) => key.split(/\/(.*)/s));
  return members.filter(([ident]) => named.includes(ident)).map(([, paper]) => paper);
}
