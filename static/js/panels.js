/**
 * Parts that open inside a card: a link with `data-panel` loads its page's fragment (by htmx) into the panel it
 * controls, and a second press closes it. Without JavaScript the same link leads to the page.
 */
export function startPanels(root) {
  for (const link of root.querySelectorAll("[data-panel]:not([role])")) {
    link.setAttribute("role", "button");
  }
  startOnce();
}

let started = false;

function startOnce() {
  if (started) return;
  started = true;
  document.addEventListener("keydown", pressBySpace);
  document.addEventListener("htmx:beforeRequest", closeInstead);
  document.addEventListener("htmx:afterSwap", (event) => setExpanded(event.target, event.target.childElementCount > 0));
  document.addEventListener("htmx:responseError", showFailure);
  document.addEventListener("htmx:sendError", showFailure);
}

/** A link that acts as a button is pressed by the space bar too. */
function pressBySpace(event) {
  if (event.key !== " " || !event.target.matches?.("[data-panel]")) return;
  event.preventDefault();
  event.target.click();
}

function closeInstead(event) {
  const link = event.target;
  if (!link.matches("[data-panel]") || link.getAttribute("aria-expanded") !== "true") return;
  event.preventDefault();
  closePanel(document.getElementById(link.getAttribute("aria-controls")));
}

export function closePanel(panel) {
  if (!panel) return;
  panel.replaceChildren();
  setExpanded(panel, false);
}

function setExpanded(panel, expanded) {
  if (!panel.matches?.(".panel")) return;
  for (const link of document.querySelectorAll(`[data-panel][aria-controls="${CSS.escape(panel.id)}"]`)) {
    link.setAttribute("aria-expanded", String(expanded));
  }
}

function showFailure(event) {
  const panel = event.detail.target;
  if (!panel?.matches?.(".panel")) return;
  const message = document.createElement("p");
  message.className = "panel-failed";
  message.setAttribute("role", "alert");
  message.textContent = panel.dataset.failed;
  panel.replaceChildren(message);
}
