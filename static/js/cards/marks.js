/**
 * Marked cards: a checkbox on each (with Shift all from the last one to this), and a bar of what can be done with
 * them together. Collections are kept as `store.js` keeps everything.
 */
import { cardOf, find, findAll, on, once, onClick } from "../page/dom.js";
import { all, get, put } from "../keeping/store.js";

const FORMATS = ["bibtex", "ris", "csl"];
let bar;
let last;

const listen = once(() => {
  onClick(".mark", markRange);
  onClick("[data-marks]", press);
  on("change", ({ target }) => target.matches(".mark") && show());
  const choice = find("[data-collect]", bar);
  on("change", () => collect(choice), choice);
  on("focus", () => listCollections(choice), choice);
});

export function start() {
  bar ??= find(".marks");
  if (!bar) return;
  listen();
  if (!bar.hidden) show(); // cards that were marked may have gone
}

const marks = () => findAll(".mark").filter((mark) => mark.checkVisibility());
const marked = () => findAll(".mark:checked").map(cardOf);

function markRange(box, { shiftKey }) {
  const boxes = marks();
  const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
  if (shiftKey && from >= 0) for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
  last = box;
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
  const names = marked().map((card) => nameOf(find(".card-title a", card).pathname));
  bar.hidden = !names.length;
  find("output", bar).textContent = bar.dataset.words.replace("{count}", names.length);
  find("#marked-ids").textContent = names.map(decodeURIComponent).join(", ");
  const cite = `/cite/${names.join(",")}`;
  for (const link of findAll("[data-to]", bar)) {
    const { to } = link.dataset;
    link.href = FORMATS.includes(to) ? `${cite}?format=${to}&download=1` : to === "cite" ? cite : pageOf(names);
  }
}

function press({ dataset: { marks: what } }) {
  if (what === "star" || what === "hide") {
    for (const card of marked()) find(`[data-action=${what}][aria-pressed=false]`, card)?.click();
    return;
  }
  for (const box of what === "all" ? marks() : findAll(".mark")) box.checked = what === "all";
  show();
}

async function listCollections(choice) {
  const collections = (await all("collection")).map(({ key, value }) => new Option(value.name, key));
  choice.replaceChildren(choice.options[0], ...collections, [...choice.options].at(-1));
}

async function collect(choice) {
  let id = choice.value;
  const name = id === "+" ? prompt(bar.dataset.new)?.trim() : choice.selectedOptions[0].text;
  choice.value = "";
  if (!id || !name) return;
  if (id === "+") {
    id = Date.now().toString(36) + Math.random().toString(36).slice(2, 8);
    await put("collection", id, { name, note: "" });
  }
  for (const [number, card] of marked().entries()) {
    const member = `${id}/${card.dataset.key}`;
    // The time as position puts it after what is there, with its note as it is.
    if (!(await get("member", member))) await put("member", member, { position: Date.now() + number, note: "" });
  }
  find("output", bar).textContent = `${name} ✓`;
}
