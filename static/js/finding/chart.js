/** Dragging over the bars of a histogram leads to the papers of all years or months in between. */
import { cancel, find, findAll, on, within } from "../page/dom.js";

/** The address of the periods from one to another: `address` is that of any bar; "" is an open end. */
export function spanAddress(address, first, last) {
  const url = new URL(address);
  const { searchParams: parameters } = url;
  if (parameters.has("to")) {
    parameters.set("from", first);
    parameters.set("to", last);
  } else parameters.set("year", `${first}..${last}`);
  return url.href;
}

export function start(root) {
  for (const chart of within("[data-span]", root)) startChart(chart);
}

function startChart(chart) {
  const bars = findAll("a", chart);
  const barOf = ({ target }) => bars.indexOf(target.closest("a"));
  let first = -1;

  const mark = (last) => bars.forEach((bar, i) => bar.classList.toggle("is-marked", first >= 0 && (i - first) * (i - last) <= 0));
  const end = () => {
    first = -1;
    mark();
  };
  on("dragstart", cancel, chart); // of the link
  on("pointerdown", (event) => (first = barOf(event)), chart);
  on("pointermove", (event) => mark(barOf(event)), chart);
  on("pointerleave", end, chart);
  on("pointerup", (event) => {
    const ends = [first, barOf(event)].sort((a, b) => a - b);
    end();
    if (ends[0] < 0 || ends[0] === ends[1]) return; // a click: the link
    const address = new URL(find("a[href]", chart).getAttribute("href"), location);
    location.assign(spanAddress(address, ...ends.map((i) => bars[i].dataset.value)));
  }, chart);
}
