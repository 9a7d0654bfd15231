/**
 * Suggestions below a search box: the ARIA combobox with a list box, arrow keys, Enter and Escape.
 *
 * The server answers in OpenSearch's form, `[query, texts, descriptions, addresses]`. An answer to a query that
 * the reader has typed past is ignored. Without suggestions the box is an ordinary one.
 */
const PAUSE_MS = 120; // shorter than the gap between two words, longer than between two keys

/** Rows of an answer, or none where it is not one to `query`. */
export function readAnswer(answer, query) {
  const [asked, texts = [], words = [], addresses = []] = Array.isArray(answer) ? answer : [];
  if (asked !== query) return [];
  return texts.map((text, i) => ({ text, words: words[i] ?? "", address: addresses[i] ?? "" }));
}

/** The row after pressing an arrow key; -1 is the box itself, and the ends meet there. */
export function nextRow(current, step, count) {
  return ((current + 1 + step + count + 1) % (count + 1)) - 1;
}

export function startSuggest(root) {
  const boxes = root.matches?.("input[data-suggest]") ? [root] : root.querySelectorAll("input[data-suggest]");
  for (const box of boxes) {
    if (!box.hasAttribute("role")) new SuggestBox(box);
  }
}

class SuggestBox {
  constructor(box) {
    this.box = box;
    this.rows = [];
    this.current = -1;
    this.timer = 0;
    this.list = document.createElement("ul");
    this.list.id = `${box.id}-suggestions`;
    this.list.className = "suggestions";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", box.labels?.[0]?.textContent ?? box.placeholder);
    this.list.hidden = true;
    box.after(this.list);
    this.describeBox();
    box.addEventListener("input", () => this.ask());
    if (document.activeElement === box) this.ask(); // what was typed before
    box.addEventListener("keydown", (event) => this.press(event));
    box.addEventListener("blur", () => this.close());
    // Before blur closes the list.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.take([...this.list.children].indexOf(row));
    });
  }

  describeBox() {
    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false" };
    for (const [name, value] of Object.entries(attributes)) this.box.setAttribute(name, value);
    this.box.setAttribute("aria-controls", this.list.id);
  }

  ask() {
    clearTimeout(this.timer);
    const query = this.box.value.trim();
    if (query.length < 2) return this.close();
    this.timer = setTimeout(() => this.fetch(query), PAUSE_MS);
  }

  async fetch(query) {
    try {
      const response = await fetch(`${this.box.dataset.suggest}?q=${encodeURIComponent(query)}`);
      if (!response.ok) return this.close();
      const rows = readAnswer(await response.json(), this.box.value.trim());
      if (document.activeElement === this.box) this.show(rows);
    } catch {
      this.close(); // offline: the box works without
    }
  }

  show(rows) {
    this.rows = rows;
    this.list.replaceChildren(...rows.map((row, i) => this.makeRow(row, i)));
    this.list.hidden = rows.length === 0;
    this.box.setAttribute("aria-expanded", String(rows.length > 0));
    this.mark(-1);
  }

  makeRow({ text, words }, i) {
    const row = document.createElement("li");
    row.id = `${this.list.id}-${i}`;
    row.setAttribute("role", "option");
    row.append(Object.assign(document.createElement("span"), { textContent: text }));
    if (words) row.append(Object.assign(document.createElement("small"), { textContent: words }));
    return row;
  }

  mark(current) {
    this.current = current;
    [...this.list.children].forEach((row, i) => row.setAttribute("aria-selected", String(i === current)));
    if (current < 0) this.box.removeAttribute("aria-activedescendant");
    else this.box.setAttribute("aria-activedescendant", `${this.list.id}-${current}`);
    this.list.children[current]?.scrollIntoView({ block: "nearest" });
  }

  press(event) {
    if (this.list.hidden || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.mark(nextRow(this.current, step, this.rows.length));
    else if (event.key === "Enter" && this.current >= 0) this.take(this.current);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }

  take(i) {
    const { text, address } = this.rows[i];
    this.close();
    if (address) return location.assign(address);
    this.box.value = text;
    this.box.form.requestSubmit();
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.box.setAttribute("aria-expanded", "false");
    this.mark(-1);
  }
}
