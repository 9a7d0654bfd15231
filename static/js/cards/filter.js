/**
 * Filters the cards of this page by words: cards must contain all or any of some words, and none of others. Matches
 * outside formulas are highlighted (CSS Custom Highlight API). The fragment of the address holds the filter, so that a
 * copied address includes it.
 */
import { cancel, find, findAll, on, once, onClick } from "../page/dom.js";

const SKIPPED = ".math, .card-actions, .panel, .card-number, .why";
const texts = new WeakMap();
let form;
let frame = 0; // the pending animation frame

/** The folded words and "phrases" of a field. */
export const readWords = (text) => (fold(text).match(/"[^"]*[^"\s][^"]*"|[^\s"]+/g) ?? []).map((word) => word.replaceAll('"', ""));

/** Lower case without diacritics; each character keeps its position. */
export function fold(text) {
  return text.replace(/[^\0-\x7f]/g, (letter) => letter.normalize("NFD")[0]).toLowerCase();
}

const listen = once(() => {
  on("input", apply, form);
  on("submit", cancel, form);
  onClick(".more [rel=next]", loadMore);
  const stored = new URLSearchParams(location.hash.slice(1));
  for (const name of ["with", "any", "without"]) if (stored.has(name)) form.elements[name].value = stored.get(name);
  if (stored.has("all")) form.elements.only.checked = false;
  if (stored.has("with") || stored.has("without")) form.parentElement.open = true;
});

export function start() {
  form ??= find("[data-filter]");
  if (!form) return;
  listen();
  frame ||= requestAnimationFrame(apply); // once for all inserted cards
}

function apply() {
  frame = 0;
  const { with: included, any, without, only } = Object.fromEntries(new FormData(form));
  const [words, excluded] = [readWords(included), readWords(without)];
  const isActive = words.length + excluded.length > 0;
  const cards = findAll(".cards > .card");
  const matches = [];
  for (const card of cards) {
    const has = (word) => textOf(card).whole.includes(word);
    const isOut = excluded.some(has);
    const isIn = !words.length || (any ? words.some(has) : words.every(has));
    card.classList.toggle("is-filtered", isOut || Boolean(only && !isIn));
    if (words.length && !isOut) matches.push(...rangesOf(card, words));
  }
  if (window.Highlight) {
    const highlight = new Highlight();
    for (const range of matches) highlight.add(range);
    CSS.highlights.set("filter", highlight);
  }
  const output = find("output", form.parentElement);
  const shown = cards.filter((card) => !card.matches(".is-filtered")).length;
  output.textContent = isActive ? output.dataset.words.replace("{shown}", shown).replace("{total}", cards.length) : "";
  storeInAddress(isActive, { with: included, any, without, all: only ? "" : "1" });
}

function storeInAddress(isActive, values) {
  const { pathname, search, hash } = location;
  const fragment = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
  const address = isActive ? `#${fragment}` : /^#(with|any|without)=/.test(hash) && pathname + search;
  if (address) history.replaceState(history.state, "", address);
  find("#page-address").textContent = location.href;
}

/** The text nodes of a card, and its whole folded text. */
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

/** While the filter hides cards, load more only on a click: otherwise the whole list would load at once. */
function loadMore(_, event) {
  const trigger = find(".more-trigger");
  if (!trigger || !find(".is-filtered")) return;
  cancel(event);
  htmx.trigger(trigger, "intersect");
}
