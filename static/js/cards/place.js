/**
 * The place in a long list. While the reader scrolls, the address names the part of the list in view (`skip`) and the
 * first card in view (`#at=`), and the state of the history holds the height of that card. Reload, Back and a sent link
 * then show the same card at the same height; earlier cards load above it. The list names the paper and the tab of the
 * reading pane (pane.js), which the fragment holds too.
 */
import { bringBack, find, firstInView, isPlain, on, once, onClick, topOf } from "../page/dom.js";

const WRITE_MS = 300; // Safari refuses more than 100 changes of the history in 30 seconds
const SETTLING_MS = 2000; // formulas and late parts move cards for so long
const NEAR_TOP_PX = 150; // a list that is hardly scrolled has no place worth keeping

let list;
let timer;
let isRestoring = false;

export const start = once(() => {
  list = find(".cards[data-size]");
  if (!list) return;
  onClick("[data-earlier]", loadEarlier);
  restore();
  on("scroll", rememberSoon, window);
  on("pagehide", remember, window);
});

/** Write the place soon, and again while the reader scrolls on. */
export function rememberSoon() {
  timer ??= setTimeout(remember, WRITE_MS);
}

/** Where the part of the list begins that holds the card with this number, counted from 1. */
export const startOf = (number, size) => Math.floor((number - 1) / size) * size;

/** The address of a place: `skip` in the query, the `values` in the fragment; what else the address says stays. */
export function addressOf(href, skip, values) {
  const address = new URL(href);
  for (const name of ["start", "skip"]) address.searchParams.delete(name);
  if (skip) address.searchParams.set("skip", skip);
  const fragment = new URLSearchParams(address.hash.slice(1));
  for (const [name, value] of Object.entries(values)) {
    if (value) fragment.set(name, value);
    else fragment.delete(name);
  }
  address.hash = fragment;
  return address.href;
}

function remember() {
  timer = undefined;
  if (isRestoring || !list) return;
  const { paper, part } = list.dataset;
  const isAtTop = scrollY < NEAR_TOP_PX && !find(".earlier");
  const card = isAtTop ? undefined : firstInView();
  if (!card && !paper && !history.state?.place) return;
  const number = card ? Number(find(".card-number", card).textContent.slice(1)) : 1;
  const place = card && { key: card.dataset.key, top: topOf(card) };
  const values = { at: place?.key, paper, tab: paper && part !== "abstract" && part };
  history.replaceState({ ...history.state, place }, "", addressOf(location.href, startOf(number, list.dataset.size), values));
}

function restore() {
  const key = history.state?.place?.key ?? new URLSearchParams(location.hash.slice(1)).get("at");
  const card = key && find(`.cards > [data-key="${CSS.escape(key)}"]`);
  if (!card) return;
  const top = history.state?.place?.top ?? 0;
  history.scrollRestoration = "manual";
  isRestoring = true;
  const align = () => isRestoring && bringBack(card, top);
  const observer = new ResizeObserver(align);
  observer.observe(card.parentElement);
  const stop = () => {
    isRestoring = false;
    observer.disconnect();
  };
  for (const type of ["wheel", "touchmove", "keydown", "pointerdown"]) addEventListener(type, stop, { once: true, passive: true });
  setTimeout(stop, SETTLING_MS);
  align();
}

/** Load the cards before the first one; the card in view stays where it is. */
export async function loadEarlier(link, event) {
  if (event && !isPlain(event)) return;
  event?.preventDefault();
  const item = link.closest(".earlier");
  const first = item.nextElementSibling;
  const top = topOf(first);
  const address = new URL(link.href);
  const start = Number(address.searchParams.get("skip") ?? 0);
  await htmx.ajax("GET", address.href, { source: item, target: item, swap: "beforebegin", select: "li.card" });
  const size = Number(item.parentElement.dataset.size);
  if (start > 0) {
    address.searchParams.set("skip", Math.max(0, start - size));
    link.href = address;
    find(".cards").prepend(item);
  } else item.remove();
  bringBack(first, top);
}
