/** The cloud of words for readers without an account: asked for with the papers that this browser has seen opened. */
import { fillCards } from "./personal.js";
import { all } from "./store.js";

let started = false;

export async function startWords() {
  const place = document.querySelector("[data-word-cloud]");
  if (!place || started) return;
  started = true;
  const read = (await all("read")).sort((a, b) => b.changed - a.changed).slice(0, 500);
  if (read.length) await fillCards(place, read.map(({ key }) => key));
}
