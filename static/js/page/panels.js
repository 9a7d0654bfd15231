/**
 * Panels that open inside a card: a link with `data-panel` loads the fragment of its page (by htmx) into the panel that
 * it controls; a second click closes the panel. Without JavaScript the link leads to the page.
 */
import { findAll, make, on, once } from "./dom.js";

const listen = once(() => {
  on("keydown", pressBySpace);
  on("htmx:beforeRequest", closeInstead);
  on("htmx:afterSwap", ({ target }) => setExpanded(target, target.childElementCount > 0));
  on("htmx:responseError", showFailure);
  on("htmx:sendError", showFailure);
});

export function start(root) {
  for (const link of findAll("[data-panel]", root)) link.role = "button";
  listen();
}

/** The space bar clicks a link that has the role of a button. */
function pressBySpace(event) {
  if (event.key !== " " || !event.target.matches?.("[data-panel]")) return;
  event.preventDefault();
  event.target.click();
}

function closeInstead(event) {
  const link = event.target;
  if (!link.matches("[data-panel][aria-expanded=true]")) return;
  event.preventDefault();
  closePanel(document.getElementById(link.getAttribute("aria-controls")));
}

export function closePanel(panel) {
  panel?.replaceChildren();
  setExpanded(panel, false);
}

function setExpanded(panel, isExpanded) {
  if (!panel?.matches?.(".panel")) return;
  for (const link of findAll(`[data-panel][aria-controls="${CSS.escape(panel.id)}"]`)) link.ariaExpanded = String(isExpanded);
}

function showFailure({ detail: { target } }) {
  if (target?.matches?.(".panel")) {
    target.replaceChildren(make("p", { className: "panel-failed", role: "alert", textContent: target.dataset.failed }));
  }
}
