/** The density of lists: a press on the switch, or the key `d`, stores it in a cookie and loads the list again. */
import { find, isPlain, once, onClick } from "../page/dom.js";

const NAMES = ["list", "compact", "full"];
const YEAR_S = 31_536_000;

export const start = once(() => {
  onClick("[data-density]", (link, event) => {
    if (!isPlain(event)) return;
    event.preventDefault();
    choose(link.dataset.density);
  });
});

/** The density after `name`, and List after the last one. */
export const nextDensity = (name) => NAMES[(NAMES.indexOf(name) + 1) % NAMES.length];

/** Change to the next density; return whether the page has a list. */
export function cycleDensity() {
  const current = find("[data-density][aria-current]");
  if (current) choose(nextDensity(current.dataset.density));
  return Boolean(current);
}

function choose(name) {
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `density=${name};path=/;max-age=${YEAR_S};samesite=lax${secure}`;
  const address = new URL(location);
  address.searchParams.delete("density");
  history.replaceState(history.state, "", address);
  location.reload();
}
