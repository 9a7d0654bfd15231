/**
 * Words beside a title that tell the state of a paper: new, seen, with a note, in how many collections. They come from the
 * template `#card-menu`.
 */
import { find, findAll, make, on, once } from "../page/dom.js";
import { all, keysOf } from "../people/store.js";

let counts; // of collections per paper

const listen = once(() =>
  on("coolpapers:state", ({ detail: { kind } }) => {
    if (!["member", "collection", "*"].includes(kind)) return;
    counts = undefined;
    showStates(findAll(".card, .detail[data-key]"));
  }),
);

export const wordsOf = () => find("#card-menu")?.dataset ?? {};

/** Count, for each paper, the collections that it is in; `keys` are those of members, `<collection>/<paper>`. */
export function countMembers(keys) {
  const found = new Map();
  for (const key of keys) {
    const paper = key.slice(key.indexOf("/") + 1);
    found.set(paper, (found.get(paper) ?? 0) + 1);
  }
  return found;
}

/** The words for a paper with these states that is in `n` collections. */
export function badgesOf(states, n, words) {
  const badges = [];
  if (states.includes("read")) badges.push(words.seen);
  if (states.includes("note")) badges.push(words.noted);
  if (n) badges.push(n === 1 ? words.collected : words.collectedMany.replace("{n}", n));
  return badges;
}

export async function showStates(cards) {
  listen();
  counts ??= all("member").then((members) => countMembers(keysOf(members)));
  const collected = await counts;
  const words = wordsOf();
  for (const card of cards) {
    const actions = find(".card-actions", card);
    if (!actions) continue;
    const states = (card.dataset.states ?? "").split(" ");
    const badges = badgesOf(states, collected.get(card.dataset.key), words).map((text) => make("span", { textContent: text }));
    if (card.matches(".is-new")) badges.unshift(make("span", { className: "new-badge", textContent: words.new }));
    const place = find(".card-states", card) ?? (badges.length && make("span", { className: "card-states" }));
    if (!place) continue;
    place.replaceChildren(...badges);
    if (!place.isConnected) actions.before(place);
  }
}
