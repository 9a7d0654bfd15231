/** The page in short: what every feature asks of it. */
export const find = (selector, root = document) => root.querySelector(selector);
export const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

/** As `findAll`, and `root` itself: a part that htmx brings in may be what is looked for. */
export const within = (selector, root) => [...(root.matches?.(selector) ? [root] : []), ...findAll(selector, root)];

export const on = (type, listener, target = document) => target.addEventListener(type, listener);

/** The element that has the focus. */
export const focused = () => document.activeElement;

/** The card, or the page of a paper, that an element is in. */
export const cardOf = (element) => element.closest?.("[data-key]");

/** `listener(element, event)` for clicks on what `selector` names, or on something in it. */
export function onClick(selector, listener) {
  on("click", (event) => {
    const element = event.target.closest?.(selector);
    if (element) listener(element, event);
  });
}

/** A click with a modifier wants the link itself: a new tab, a download. */
export const isPlain = (event) => !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

export const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

/** `fetch`, where anything but the answer asked for is an error. */
export async function request(address, options) {
  const response = await fetch(address, options);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response;
}

/** Let a screen reader say something. */
export function say(words) {
  const place = find("#said");
  if (place) place.textContent = words ?? "";
}

/** A start that is made once, however many parts of the page come in. */
export function once(start) {
  let started;
  return (root) => (started ??= [start(root)])[0];
}

export const newestFirst = (items) => items.sort((a, b) => b.changed - a.changed);

/**
 * Requests of htmx for which `parametersOf(detail, target)` gives something take it along. They go by POST: what only
 * this browser knows stands in no address and no log.
 */
export function sendAlong(parametersOf) {
  on("htmx:configRequest", ({ detail, target }) => {
    const parameters = parametersOf(detail, target);
    if (!parameters) return;
    Object.assign(detail, { verb: "post", useUrlParams: false });
    Object.assign(detail.parameters, parameters);
    detail.headers["Content-Type"] = "application/x-www-form-urlencoded"; // which htmx has settled by the old verb
  });
}
