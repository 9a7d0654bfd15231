/**
 * Selecting cards: each has a checkbox (Shift selects the range from the last one), and a bar holds the actions for all
 * selected cards. `store.js` stores the collections.
 */
import { cardOf, find, findAll, on, once, onClick } from "../page/dom.js";
import { buttonOf, nameOf } from "./menu.js";
import { all, get, put } from "../people/store.js";

const FORMATS = ["bibtex", "ris", "csl"];
let bar;
let last;

const listen = once(() => {
  onClick(".select-box", selectRange);
  onClick("[data-select]", run);
  on("change", ({ target }) => target.matches(".select-box") && show());
  const choice = find("[data-collect]", bar);
  on("change", () => collect(choice), choice);
  on("focus", () => listCollections(choice), choice);
});

export function start() {
  bar ??= find(".selection-bar");
  if (!bar) return;
  listen();
  if (!bar.hidden) show(); // selected cards may have been removed
}

const visibleBoxes = () => findAll(".select-box").filter((box) => box.checkVisibility());
const selectedCards = () => findAll(".select-box:checked").map(cardOf);

/** Shift selects all cards from the last clicked one to this one. */
function selectRange(box, { shiftKey }) {
  const boxes = visibleBoxes();
  const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
  if (shiftKey && from >= 0) for (const other of boxes.slice(from, to + 1)) other.checked = box.checked;
  last = box;
  show();
}

/** The address that shows papers of these names on one page. */
export function pageOf(names) {
  return `/${/@/.test(names) ? "venue" : "arxiv"}/${names.join(",")}`;
}

function show() {
  const names = selectedCards().map((card) => nameOf(find(".card-title a", card).pathname));
  bar.hidden = !names.length;
  find("html").classList.toggle("is-selecting", !bar.hidden);
  find("output", bar).textContent = bar.dataset.words.replace("{count}", names.length);
  find("#selected-ids").textContent = names.map(decodeURIComponent).join(", ");
  const cite = `/cite/${names.join(",")}`;
  for (const link of findAll("[data-to]", bar)) {
    const { to } = link.dataset;
    link.href = FORMATS.includes(to) ? `${cite}?format=${to}&download=1` : to === "cite" ? cite : pageOf(names);
  }
}

/** Run an action of the bar on all selected cards. */
function run({ dataset: { select: action } }) {
  if (action === "star" || action === "hide") {
    for (const card of selectedCards()) {
      const button = buttonOf(card, action);
      if (button.ariaPressed === "false") button.click();
    }
    return;
  }
  for (const box of action === "all" ? visibleBoxes() : findAll(".select-box")) box.checked = action === "all";
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
  for (const [number, card] of selectedCards().entries()) {
    const member = `${id}/${card.dataset.key}`;
    // A position by time puts the paper at the end. A member that exists keeps its position and note.
    if (!(await get("member", member))) await put("member", member, { position: Date.now() + number, note: "" });
  }
  find("output", bar).textContent = `${name} ✓`;
}
