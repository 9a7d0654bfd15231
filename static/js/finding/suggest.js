/**
 * Suggestions below a search box: an ARIA combobox with a list box, arrow keys, Enter and Escape.
 *
 * The server answers in the OpenSearch format, `[query, texts, descriptions, addresses]`. Answers to an earlier text of
 * the box are ignored. Without suggestions the box is an ordinary one.
 */
import { cancel, focused, make, on, request, within } from "../page/dom.js";

const DEBOUNCE_MS = 120; // longer than between two keys, shorter than between two words

/** The rows of an answer; none where it answers another query. */
export function readAnswer(answer, query) {
  const [answered, texts = [], words = [], addresses = []] = Array.isArray(answer) ? answer : [];
  if (answered !== query) return [];
  return texts.map((text, i) => ({ text, words: words[i] ?? "", address: addresses[i] ?? "" }));
}

/** The row after an arrow key; -1 is the box itself, which follows the last row and precedes the first. */
export function nextRow(current, step, count) {
  return ((current + 1 + step + count + 1) % (count + 1)) - 1;
}

export function start(root) {
  for (const box of within("input[data-suggest]:not([role])", root)) startBox(box);
}

function startBox(box) {
  let rows = [];
  let current = -1;
  let timer;
  let pressed = false;
  let late = null; // rows that came while a row was pressed
  const list = make("ul", {
    id: `${box.id}-suggestions`,
    className: "suggestions",
    role: "listbox",
    ariaLabel: box.labels?.[0]?.textContent ?? box.placeholder,
  });
  box.after(list);
  Object.assign(box, { role: "combobox", ariaAutoComplete: "list" });
  box.setAttribute("aria-controls", list.id);

  function ask() {
    clearTimeout(timer);
    const query = box.value.trim();
    if (query.length < 2) show([]);
    else timer = setTimeout(answer, DEBOUNCE_MS, query);
  }

  async function answer(query) {
    try {
      const response = await request(`${box.dataset.suggest}?q=${encodeURIComponent(query)}`);
      const suggestions = readAnswer(await response.json(), box.value.trim());
      if (pressed) late = suggestions;
      else if (focused() === box) show(suggestions);
    } catch {
      show([]); // offline: the box works without suggestions
    }
  }

  function show(suggestions) {
    clearTimeout(timer);
    late = null;
    rows = suggestions;
    list.replaceChildren(...rows.map(makeRow));
    list.hidden = !rows.length;
    box.ariaExpanded = String(!list.hidden);
    mark(-1);
  }

  function makeRow({ text, words }, i) {
    const row = make("li", { id: `${list.id}-${i}`, role: "option", ariaSelected: "false" });
    row.append(make("span", { textContent: text }));
    if (words) row.append(make("small", { textContent: words }));
    return row;
  }

  function mark(next) {
    current = next;
    [...list.children].forEach((row, i) => (row.ariaSelected = String(i === current)));
    box.setAttribute("aria-activedescendant", list.children[current]?.id ?? "");
    list.children[current]?.scrollIntoView({ block: "nearest" });
  }

  function press(event) {
    if (list.hidden || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark(nextRow(current, step, rows.length));
    else if (event.key === "Enter" && current >= 0) take(current);
    else if (event.key === "Escape") show([]);
    else return;
    cancel(event);
  }

  function take(i) {
    const { text, address } = rows[i];
    show([]);
    if (address) return location.assign(address);
    box.value = text;
    if (!text.endsWith(" ")) box.form.requestSubmit(); // after the value of a field the reader goes on typing
  }

  on("input", ask, box);
  on("keydown", press, box);
  on("blur", () => show([]), box);
  on("pointerdown", (event) => {
    cancel(event); // otherwise the blur would close the list before the click
    pressed = true; // a row that is replaced between press and release gets no click
  }, list);
  for (const type of ["pointerup", "pointercancel"]) on(type, () => {
    pressed = false;
    if (late) setTimeout(() => late && show(late)); // after the click
  }, window);
  on("click", ({ target }) => {
    const row = target.closest("[role=option]");
    if (row) take([...list.children].indexOf(row));
  }, list);
  show([]);
  if (focused() === box) ask(); // for text typed before this script started
}
