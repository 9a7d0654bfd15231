/**
 * Words that filter the cards of this page: all or any of some, none of others. Matches are marked by the browser's
 * highlights, formulas left out; what is asked stands behind the address's `#`, so that it is shared with it.
 */
import { find, findAll, on, once, onClick } from "../page/dom.js";

const SKIPPED = ".math, .card-actions, .panel, .card-number, .why";
const texts = new WeakMap();
let form;
let waiting = 0;

/** Words and "phrases" of a field, folded. */
export const readWords = (text) => (fold(text).match(/"[^"]*[^"\s][^"]*"|[^\s"]+/g) ?? []).map((word) => word.replaceAll('"', ""));

/** Lower case without marks above letters, each character at its old place. */
export function fold(text) {
  return text.replace(/[^\0-\x7f]/g, (letter) => letter.normalize("NFD")[0]).toLowerCase();
}

const listen = once(() => {
  on("input", apply, form);
  on("submit", (event) => event.preventDefault(), form);
  onClick(".more [rel=next]", loadMore);
  const asked = new URLSearchParams(location.hash.slice(1));
  for (const name of ["with", "any", "without"]) if (asked.has(name)) form.elements[name].value = asked.get(name);
  if (asked.has("all")) form.elements.only.checked = false;
  if (asked.has("with") || asked.has("without")) form.parentElement.open = true;
});

export function start() {
  form ??= find("[data-filter]");
  if (!form) return;
  listen();
  waiting ||= requestAnimationFrame(apply); // once for all cards that came in
}

function apply() {
  waiting = 0;
  const { with: wanted, any, without, only } = Object.fromEntries(new FormData(form));
  const [words, others] = [readWords(wanted), readWords(without)];
  const asks = words.length + others.length > 0;
  const cards = findAll(".cards > .card");
  const found = [];
  for (const card of cards) {
    const has = (word) => textOf(card).whole.includes(word);
    const isOut = others.some(has);
    const isIn = !words.length || (any ? words.some(has) : words.every(has));
    card.classList.toggle("is-filtered", isOut || Boolean(only && !isIn));
    if (words.length && !isOut) found.push(...rangesOf(card, words));
  }
  if (window.Highlight) {
    const highlight = new Highlight();
    for (const range of found) highlight.add(range);
    CSS.highlights.set("filter", highlight);
  }
  const output = find("output", form.parentElement);
  const shown = cards.filter((card) => !card.matches(".is-filtered")).length;
  output.textContent = asks ? output.dataset.words.replace("{shown}", shown).replace("{total}", cards.length) : "";
  keepInAddress(asks, { with: wanted, any, without, all: only ? "" : "1" });
}

function keepInAddress(asks, values) {
  const { pathname, search, hash } = location;
  const kept = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
  const address = asks ? `#${kept}` : /^#(with|any|without)=/.test(hash) && pathname + search;
  if (address) history.replaceState(history.state, "", address);
  find("#page-address").textContent = location.href;
}

/** Folded text of a card: its nodes, and all of it. */
function textOf(card) {
  if (!texts.has(card)) {
    const accept = (node) => (node.nodeType === 3 ? 1 : node.matches(SKIPPED) ? 2 : 3); // NodeFilter: accept, reject, skip
    const walker = document.createTreeWalker(card, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, accept);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    texts.set(card, { nodes, whole: fold(nodes.map((node) => node.data).join("")) });
  }
  return texts.get(card);
}

function rangesOf(card, words) {
  const ranges = [];
  for (const node of textOf(card).nodes) {
    const text = fold(node.data);
    for (const word of words) {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        ranges.push(new StaticRange({ startContainer: node, startOffset: at, endContainer: node, endOffset: at + word.length }));
      }
    }
  }
  return ranges;
}

/** While cards are filtered away the next ones come at the reader's asking only, not all the list at once. */
function loadMore(_, event) {
  const trigger = find(".more-trigger");
  if (!trigger || !find(".is-filtered")) return;
  event.preventDefault();
  htmx.trigger(trigger, "intersect");
}
