/**
 * Marked cards: a checkbox on each (with Shift all from the last one to this), and a bar of what can be done with
 * them together. Collections are kept as `store.js` keeps everything.
 */
import { all, has, put } from "./store.js";

const FORMATS = ["bibtex", "ris", "csl"];
let bar;
let last;

export function startMarks() {
  bar ??= startBar();
}

function startBar() {
  const found = document.querySelector(".marks");
  if (!found) return undefined;
  document.addEventListener("click", markRange);
  document.addEventListener("change", ({ target }) => target.matches(".mark") && show());
  found.addEventListener("click", press);
  const choice = found.querySelector("[data-collect]");
  choice.addEventListener("change", () => collect(choice));
  choice.addEventListener("focus", () => listCollections(choice));
  return found;
}

const marks = () => [...document.querySelectorAll(".mark")].filter((mark) => mark.checkVisibility());
const marked = () => [...document.querySelectorAll(".mark:checked")].map((mark) => mark.closest("[data-key]"));

function markRange({ target, shiftKey }) {
  if (!target.matches?.(".mark")) return;
  const boxes = marks();
  const [from, to] = [boxes.indexOf(last), boxes.indexOf(target)].sort((a, b) => a - b);
  if (shiftKey && from >= 0) for (const box of boxes.slice(from, to + 1)) box.checked = target.checked;
  last = target;
  show();
}

/** How addresses name the paper of a card: what follows /arxiv/ or /venue/ in its own. */
export function nameOf(path) {
  return path.split("/").slice(2).join("/");
}

/** The address that shows papers of these names on one page. */
export function pageOf(names) {
  return `/${names.some((name) => name.includes("@")) ? "venue" : "arxiv"}/${names.join(",")}`;
}

function show() {
  const names = marked().map((card) => nameOf(card.querySelector(".card-title a").pathname));
  bar.hidden = names.length === 0;
  bar.querySelector("output").textContent = bar.dataset.words.replace("{count}", names.length);
  bar.querySelector("#marked-ids").textContent = names.map(decodeURIComponent).join(", ");
  const cite = `/cite/${names.join(",")}`;
  for (const link of bar.querySelectorAll("[data-to]")) {
    const { to } = link.dataset;
    link.href = FORMATS.includes(to) ? `${cite}?format=${to}&download=1` : to === "cite" ? cite : pageOf(names);
  }
}

function press({ target }) {
  const what = target.dataset.marks;
  if (what === "all" || what === "none") {
    for (const box of what === "all" ? marks() : document.querySelectorAll(".mark")) box.checked = what === "all";
    show();
  } else if (what) {
    for (const card of marked()) card.querySelector(`[data-action=${what}][aria-pressed=false]`)?.click();
  }
}

async function listCollections(choice) {
  const collections = (await all("collection")).map(({ key, value }) => new Option(value.name, key));
  choice.replaceChildren(choice.options[0], ...collections, choice.options[choice.options.length - 1]);
}

async function collect(choice) {
  const name = choice.value === "+" ? window.prompt(bar.dataset.new) : choice.selectedOptions[0].text;
  let id = choice.value;
  choice.value = "";
  if (!id || !name?.trim()) return;
  if (id === "+") {
    id = Date.now().toString(36) + Math.random().toString(36).slice(2, 8);
    await put("collection", id, { name: name.trim(), note: "" });
  }
  for (const [number, card] of marked().entries()) {
    const member = `${id}/${card.dataset.key}`;
    // The time as position puts it after what is there, with its note as it is.
    if (!(await has("member", member))) await put("member", member, { position: Date.now() + number, note: "" });
  }
  bar.querySelector("output").textContent = `${name} ✓`;
}
