/**
 * How far the reader is with a day: papers seen and starred among `data-day-keys`, all papers of the day, of which the
 * page shows some. With an account the server counts them first.
 */
import { find, findAll, on, once } from "../page/dom.js";
import { states } from "../people/store.js";

export const start = once(() => {
  on("coolpapers:state", ({ detail: { kind } }) => ["read", "star", "*"].includes(kind) && show());
  return show();
});

/** The number of states that have this kind. */
export const countKind = (stored, kind) => stored.filter((state) => kind in state).length;

async function show() {
  const place = find("[data-day-keys]");
  const stored = Object.values(await states(["read", "star"], place.dataset.dayKeys.split("\n")));
  for (const part of findAll("[data-kind]", place)) {
    part.textContent = part.dataset.words.replace("{n}", countKind(stored, part.dataset.kind));
  }
}
