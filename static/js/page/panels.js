/**
 * Panels: a link with `data-panel` opens the fragment of its page in the reading pane, or where that is closed or the
 * window is narrow, directly below the buttons of its card, one panel a card. The focus goes to the heading of the panel; the button, Escape and × close it, and the focus returns. Without
 * JavaScript the link leads to the page. `data-panel` holds the address of the fragment where it is not the link's.
 */
import { cardOf, find, findAll, focused, isPlain, make, on, once, onClick } from "./dom.js";
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
  event.preventDefault();
  event.target.click();
}

function toggle(link, event) {
  if (!isPlain(event)) return;
  event.preventDefault();
  const card = cardOf(link);
  const { action } = link.dataset;
  closeMenu(false);
  if (isOpen()) return openPart(card, action);
  if (find(".panel", card)?.dataset.kind === action) return closePanel(card);
  closePanel(card, false);
  const panel = makePanel(card, action, labelOf(link));
  find(".card-head, .detail-head", card).after(panel);
  setExpanded(card, action, true);
  find("h3", panel).focus({ preventScroll: true });
  showWhole(panel);
  load(find(".panel-body", panel), link.dataset.panel || link.href);
}

function makePanel(card, kind, label) {
  const id = `${kind}-${card.id.replace("paper-", "")}`;
  const panel = make("div", { className: "panel", role: "group" });
  panel.dataset.kind = kind;
  const head = make("header", { className: "panel-head" });
  const close = make("button", { type: "button", className: "plain", textContent: "×", title: wordOf("close"), ariaLabel: wordOf("close") });
  close.dataset.closePanel = "";
  head.append(make("h3", { textContent: label, tabIndex: -1, id: `${id}-heading` }), close);
  panel.setAttribute("aria-labelledby", `${id}-heading`);
  panel.append(head, make("div", { className: "panel-body is-loading", id }));
  return panel;
}

const wordOf = (name) => find("#card-menu").dataset[name];

/** Load a fragment into an element; its place shows lines meanwhile. */
async function load(body, address) {
  await htmx.ajax("GET", address, { source: body, target: body, swap: "innerHTML" }).catch(() => {}); // showFailure tells it
  body.classList.remove("is-loading");
}

/** Scroll so that the panel is visible, from its beginning where it is tall. */
function showWhole(panel) {
  const isTall = panel.offsetHeight > innerHeight * 0.7;
  panel.scrollIntoView({ block: isTall ? "start" : "nearest", behavior: "instant" });
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
  if (returnsFocus && hadFocus) target?.focus({ preventScroll: true });
  return true;
}

function setExpanded(card, kind, isExpanded) {
  const link = find(`[data-panel][data-action=${kind}]`, card);
  if (link) link.ariaExpanded = String(isExpanded);
}

function showFailure({ detail: { target } }) {
  if (target?.matches?.(".panel-body")) {
    target.replaceChildren(make("p", { className: "panel-failed", role: "alert", textContent: wordOf("failed") }));
  }
}
