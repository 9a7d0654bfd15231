/**
 * Panels: a link with `data-panel` opens the fragment of its page in the reading pane, or where that is closed or the
 * window is narrow, directly below the buttons of its card, one panel a card. The focus goes to the heading of the panel; the button, Escape and × close it, and the focus returns. Without
 * JavaScript the link leads to the page. `data-panel` holds the address of the fragment where it is not the link's.
 */
import { cancel, cardOf, find, findAll, focused, focusOn, isPlain, make, on, once, onClick } from "./dom.js";
import { buttonOf, closeMenu, labelOf } from "../cards/menu.js";
import { isOpen, openPart } from "../cards/pane.js";

const listen = once(() => {
  on("keydown", pressBySpace);
  onClick("[data-panel]", toggle);
  onClick("[data-close-panel]", (button) => closePanel(cardOf(button)));
  on("htmx:afterSwap", ({ target }) => target.closest?.(".panel") && showWhole(target.closest(".panel")));
  on("htmx:responseError", showFailure);
  on("htmx:sendError", showFailure);
});

export function start(root) {
  for (const link of findAll("[data-panel]", root)) Object.assign(link, { role: "button", ariaExpanded: "false" });
  listen();
}

/** The space bar clicks a link that has the role of a button. */
function pressBySpace(event) {
  if (event.key !== " " || !event.target.matches?.("[data-panel]")) return;
  cancel(event);
  event.target.click();
}

function toggle(link, event) {
  if (!isPlain(event)) return;
  cancel(event);
  const card = cardOf(link);
  const { action } = link.dataset;
  closeMenu(false);
  if (isOpen()) return openPart(card, action);
  if (find(".panel", card)?.dataset.kind === action) return closePanel(card);
  closePanel(card, false);
  const panel = makePanel(card, action, labelOf(link));
  find(".card-head, .detail-head", card).after(panel);
  setExpanded(card, action, true);
  focusOn(find("h3", panel));
  showWhole(panel);
  load(find(".panel-body", panel), link.dataset.panel || link.href);
}

function makePanel(card, kind, label) {
  const panel = find("#card-panel").content.firstElementChild.cloneNode(true);
  const heading = find("h3", panel);
  const id = `${kind}-${card.id.replace("paper-", "")}`;
  panel.dataset.kind = kind;
  find(".panel-body", panel).id = id;
  heading.textContent = label;
  heading.id = `${id}-heading`;
  panel.setAttribute("aria-labelledby", heading.id);
  return panel;
}

/** Load a fragment into an element; its place shows lines meanwhile. */
async function load(body, address) {
  await htmx.ajax("GET", address, { source: body, target: body, swap: "innerHTML" }).catch(() => {}); // showFailure tells it
  body.classList.remove("is-loading");
}

/** Scroll so that the panel is visible, from its beginning where it is tall. */
function showWhole(panel) {
  const isTall = panel.offsetHeight > innerHeight * 0.7;
  panel.scrollIntoView({ block: isTall ? "start" : "nearest" });
}

/** Close the panel of a card; return whether there was one. */
export function closePanel(card, returnsFocus = true) {
  const panel = card && find(".panel", card);
  if (!panel) return false;
  const { kind } = panel.dataset;
  const hadFocus = panel.contains(focused());
  panel.remove();
  setExpanded(card, kind, false);
  const opener = buttonOf(card, kind);
  const target = opener?.checkVisibility() ? opener : find("[data-open-menu]", card);
  if (returnsFocus && hadFocus && target) focusOn(target);
  return true;
}

function setExpanded(card, kind, isExpanded) {
  const link = find(`[data-panel][data-action=${kind}]`, card);
  if (link) link.ariaExpanded = String(isExpanded);
}

function showFailure({ detail: { target } }) {
  if (target?.matches?.(".panel-body")) {
    target.replaceChildren(make("p", { className: "panel-failed", role: "alert", textContent: find("#card-menu").dataset.failed }));
  }
}
