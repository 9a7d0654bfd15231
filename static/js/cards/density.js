/** The density of lists: a press on the switch, or the key `d`, stores it in a cookie and loads the list again. */
import { cancel, findAll, isPlain, once, onClick } from "../page/dom.js";

const YEAR_S = 31_536_000;

export const start = once(() => {
  onClick("[data-density]", (link, event) => {
    if (!isPlain(event)) return;
    cancel(event);
    choose(link.dataset.density);
  });
});

/** Change to the next density; return whether the page has a list. */
export function cycleDensity() {
  const links = findAll("[data-density]");
  const at = links.findIndex((link) => link.matches("[aria-current]"));
  if (links.length) choose(links[(at + 1) % links.length].dataset.density);
  return links.length > 0;
}

function choose(name) {
  document.cookie = `density=${name};path=/;max-age=${YEAR_S};samesite=lax`;
  const address = new URL(location);
  address.searchParams.delete("density");
  history.replaceState(history.state, "", address);
  location.reload();
}
