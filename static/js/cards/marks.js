/**
 * Selecting cards: each has a checkbox (Shift selects the range from the last one), and a bar holds the actions for all
 * selected cards. `store.js` stores the collections.
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
  if (!bar.hidden) show(); // selected cards may have been removed
}

const marks = () => findAll(".mark").filter((mark) => mark.checkVisibility());
const marked = () => findAll(".mark:checked").map(cardOf);

function markRange(box, { shiftKey }) {
  const boxes = marks();
  const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
  if (shiftKey && from >= 0) for (const other of boxes.slice(from, to + 1)) other.checked = box.checked;
  last = box;
  show();
}

/** The name of a paper in addresses: what follows /arxiv/ or /venue/ in its own address. */
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
    // A position by time puts the paper at the end. A member that exists keeps its position and note.
    if (!(await get("member", member))) await put("member", member, { position: Date.now() + number, note: "" });
  }
  find("output", bar).textContent = `${name} ✓`;
}
