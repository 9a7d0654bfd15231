/**
 * The menu of a card. It stands once in the page, as the template `#card-menu`, and moves into the card that needs it:
 * when the reader opens it, or when a key presses one of its buttons.
 */
import { cancel, cardOf, coverCards, find, findAll, focused, focusOn, on, once, onClick } from "../page/dom.js";

let menu;

export const start = once(() => {
  onClick("[data-open-menu]", (button) => (isOpen(cardOf(button)) ? closeMenu() : openMenu(cardOf(button))));
  on("click", ({ target }) => {
    if (menu?.matches(".is-open") && !target.closest("[data-open-menu]") && target !== menu) closeMenu(menu.contains(target));
  });
  on("focusin", ({ target }) => menu?.matches(".is-open") && !menu.parentElement.contains(target) && closeMenu(false));
  on("keydown", pressArrow);
});

/** The button of a card with this action, from the card itself or from the menu, which then moves into the card. */
export function buttonOf(card, name) {
  const selector = `[data-action=${name}]`;
  return find(selector, card) ?? (find("[data-open-menu]", card) && find(selector, attach(card)));
}

/** The words of a button without its key. */
export function labelOf(button) {
  const texts = [...button.childNodes].filter((node) => node.nodeType === 3 || node.matches?.("span"));
  return texts.map((node) => node.textContent).join("").trim();
}

/** The name of a paper in addresses: what follows /arxiv/ or /venue/ in its own address. */
export const nameOf = (path) => path.split("/").slice(2).join("/");

const isOpen = (card) => menu?.matches(".is-open") && card.contains(menu);

function attach(card) {
  if (!menu?.isConnected) menu = find("#card-menu").content.firstElementChild.cloneNode(true);
  if (card.contains(menu)) return menu;
  closeMenu(false);
  const name = nameOf(find(".card-title a", card).pathname);
  for (const link of findAll("a", menu)) {
    link.dataset.address ??= link.getAttribute("href");
    link.href = link.dataset.address.replace("card-name", () => name);
    if (link.matches("[data-panel]")) Object.assign(link, { role: "button", ariaExpanded: "false" });
  }
  for (const kind of ["code", "source"]) {
    const link = find(`[data-action=${kind}]`, menu);
    link.hidden = !card.dataset[kind];
    if (card.dataset[kind]) link.href = card.dataset[kind];
  }
  const states = (card.dataset.states ?? "").split(" ");
  for (const button of findAll("[aria-pressed]", menu)) button.ariaPressed = String(states.includes(button.dataset.action));
  find(".card-actions", card).append(menu);
  return menu;
}

export function openMenu(card) {
  const button = find("[data-open-menu]", card);
  if (!button) return false;
  attach(card).classList.add("is-open");
  button.ariaExpanded = "true";
  coverCards();
  focusOn(find(".action:not([hidden])", menu));
  menu.scrollIntoView({ block: "nearest" });
  return true;
}

/** Close the menu; return whether it was open. The focus goes back to its button unless it is elsewhere already. */
export function closeMenu(returnsFocus = true) {
  if (!menu?.matches(".is-open")) return false;
  const button = find("[data-open-menu]", menu.parentElement);
  const hadFocus = menu.contains(focused());
  menu.classList.remove("is-open");
  button.ariaExpanded = "false";
  coverCards();
  if (returnsFocus && hadFocus) focusOn(button);
  return true;
}

function pressArrow(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !menu?.contains(event.target)) return;
  const items = findAll(".action:not([hidden])", menu);
  items.at((items.indexOf(event.target) + step) % items.length).focus();
  cancel(event);
}
