/** The find bar: words or a phrase, the next and the previous match, how many there are, all of them marked. */
import { find, on } from "../page/dom.js";

const FOUND = 0;
const NOT_FOUND = 1;

export function startFindBar({ eventBus, focusPages }) {
  const bar = find("#viewer-find");
  const field = find("input[type=search]", bar);
  const all = find("input[type=checkbox]", bar);
  const count = find("output", bar);

  const ask = (type = "", findPrevious = false) => {
    eventBus.dispatch("find", {
      source: bar,
      type,
      query: field.value,
      caseSensitive: false,
      entireWord: false,
      highlightAll: all.checked,
      findPrevious,
      matchDiacritics: false,
    });
  };
  const show = ({ current = 0, total = 0 } = {}, state = FOUND) => {
    count.textContent = !field.value ? "" : state === NOT_FOUND ? bar.dataset.none : total ? `${current} / ${total}` : "…";
  };
  eventBus.on("updatefindmatchescount", ({ matchesCount }) => show(matchesCount));
  eventBus.on("updatefindcontrolstate", ({ state, matchesCount }) => show(matchesCount, state));

  const open = () => {
    bar.hidden = false;
    field.focus();
    field.select();
    if (field.value) ask();
  };
  const close = () => {
    bar.hidden = true;
    eventBus.dispatch("findbarclose", { source: bar });
    focusPages();
  };
  on("input", () => ask(), field);
  on("change", () => ask("highlightallchange"), all);
  on("submit", (event) => {
    event.preventDefault();
    ask("again", event.submitter?.value === "previous");
  }, bar);
  on("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key === "Enter" && event.shiftKey && event.target === field) {
      event.preventDefault();
      ask("again", true);
    }
  }, bar);

  return {
    open,
    toggle: () => (bar.hidden ? open() : close()),
    search: (phrase) => {
      field.value = phrase;
      bar.hidden = false;
      ask();
    },
  };
}
