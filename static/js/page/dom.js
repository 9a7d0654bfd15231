/** Helpers for the DOM, requests and announcements that all features share. */
export const find = (selector, root = document) => root.querySelector(selector);
export const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

/** As `findAll`, and `root` itself where it matches, as a part that htmx inserts may. */
export const within = (selector, root) => [...(root.matches?.(selector) ? [root] : []), ...findAll(selector, root)];

export const on = (type, listener, target = document) => target.addEventListener(type, listener);

export const cancel = (event) => event.preventDefault();

/** The element that has the focus. */
export const focused = () => document.activeElement;

/** Focus an element where it is, without scrolling to it. */
export const focusOn = (element) => element.focus({ preventScroll: true });

export const topOf = (element) => element.getBoundingClientRect().top;

/** Scroll so that an element, which was `top` pixels below the window's top, is there again. */
export const bringBack = (element, top) => scrollBy(0, topOf(element) - top);

/** The card or the paper's page that contains an element. */
export const cardOf = (element) => element.closest?.("[data-key]");

/** The first card of the list that is due and whose end is in view. */
export const firstInView = (isDue = Boolean) =>
  findAll(".cards > .card:not(.is-just-hidden)").find((card) => isDue(card) && card.checkVisibility() && card.getBoundingClientRect().bottom > 0);

/** While a menu is open, it may cover half of a target: what is under it takes no presses then. A press closes the menu. */
export function coverCards() {
  const open = find(".menu.is-open, .pick[open]:not(.filter)");
  for (const part of findAll(".card, .list-bar, .list-actions")) part.inert = open && !part.contains(open);
}

/** Call `listener(element, event)` for clicks on elements that match `selector`, or on their descendants. */
export function onClick(selector, listener) {
  on("click", (event) => {
    const element = event.target.closest?.(selector);
    if (element) listener(element, event);
  });
}

/** Whether a click has no modifier key. With one, the browser opens a tab or downloads. */
export const isPlain = (event) => !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

export const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

/** `fetch` that throws on an HTTP error status; the error has the `response`. */
export async function request(address, options) {
  const response = await fetch(address, options);
  if (!response.ok) throw Object.assign(new Error(`HTTP ${response.status}`), { response });
  return response;
}

/** Announce a text to screen readers. */
export function say(text) {
  const region = find("#said");
  if (region) region.textContent = text ?? "";
}

/** A start function that runs once, however many parts of the page are inserted. */
export function once(start) {
  let started;
  return (root) => (started ??= [start(root)])[0];
}

export const newestFirst = (items) => items.sort((a, b) => b.changed - a.changed);

/**
 * Add parameters to requests of htmx: what `parametersOf(detail, target)` returns, if anything. Such requests use POST,
 * so that data of this browser appears in no address and no log.
 */
export function sendAlong(parametersOf) {
  on("htmx:configRequest", ({ detail, target }) => {
    const parameters = parametersOf(detail, target);
    if (!parameters) return;
    Object.assign(detail, { verb: "post", useUrlParams: false });
    Object.assign(detail.parameters, parameters);
    detail.headers["Content-Type"] = "application/x-www-form-urlencoded"; // htmx set it for the former verb
  });
}
