/**
 * Keyboard shortcuts (docs/reference/keys.md): the focus moves from card to card, and a key clicks a button of the
 * focused card. Texts come from the template `#keys-help`, which also holds the help that `?` shows.
 */
import { writeClipboard } from "./copy.js";
import { closePanel } from "./panels.js";
import { cycleDensity } from "../cards/density.js";
import { buttonOf, closeMenu, labelOf, openMenu } from "../cards/menu.js";
import { enterPane, isOpen, select, togglePane } from "../cards/pane.js";
import { cancel, cardOf, find, firstInView, focused, focusOn, on, once, onClick, say } from "./dom.js";

const BUTTONS = { p: "pdf", i: "summary", r: "related", s: "star", x: "hide", n: "note", c: "cite" };
const DAYS = { "[": "before", "]": "after" };
const PAIR_MS = 1500; // the most between the two keys of "g h"
const TYPED = "textarea, select, input:not([type=checkbox], [type=radio])";

let help; // the template
let current = null; // the card that had the focus last
let lost = null; // the card whose focus a swap may remove
let awaited = null; // which cards a move waits for: the next ones are being loaded
let wentAt = -PAIR_MS; // when g was pressed

/** Whether a key press is meant for the page rather than for a field or a shortcut of the browser. */
export function isForPage(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  return !event.target?.isContentEditable && !event.target?.matches?.(TYPED);
}

export const start = once(() => {
  help = find("#keys-help");
  if (!help) return;
  current = cardOf(focused());
  on("keydown", press);
  onClick("[data-open-keys]", openHelp);
  on("focusin", ({ target }) => (current = cardInList(target) ?? current));
  onClick("[data-next-unseen]", () => move(1, isUnseen));
  on("htmx:load", () => awaited && move(1, awaited));
  on("htmx:beforeSwap", ({ detail: { target } }) => {
    lost = target.contains(focused()) ? cardOf(focused()) : lost;
  });
  on("htmx:afterSettle", keepFocus);
  returnToCard();
});

/** The card that contains an element, which may be in the pane: its paper is that of the chosen card. */
const cardInList = (element) => (element.closest?.(".pane") ? find(".cards > [aria-current]") : cardOf(element));
const isOff = () => localStorage.keys === "off";
const cardHere = () => (current?.isConnected ? current : find(".detail[data-key]"));
const isShown = (element) => element.matches("[data-key]:not(.is-just-hidden)") && element.checkVisibility();
const isUnseen = (element) => isShown(element) && !element.matches(".is-read");

function press(event) {
  if (find("dialog[open]")) return;
  if (event.key === "Escape") return close(event);
  if (!isForPage(event) || isOff()) return;
  const { key } = event;
  const isSecond = event.timeStamp - wentAt < PAIR_MS;
  wentAt = key === "g" ? event.timeStamp : -PAIR_MS;
  if (isSecond ? go(find(`[data-go="${CSS.escape(key)}"]`, help.content)?.getAttribute("href")) : act(key)) cancel(event);
}

/** Run the command of a key; return whether the key has one. */
function act(key) {
  const card = cardHere();
  if (key === "j" || key === "k") move(key === "j" ? 1 : -1);
  else if (key === "u") move(1, isUnseen);
  else if (key === "/") return search();
  else if (key === "?") openHelp();
  else if (key === "d") return cycleDensity();
  else if (key === "w") return togglePane();
  else if (key === "Enter") return focused().matches("article") && enterPane();
  else if (key in DAYS) return follow(find(`a[data-day=${DAYS[key]}]`));
  else if (!card) return false;
  else if (key in BUTTONS) return pressButton(card, BUTTONS[key]);
  else if (key === "o") return follow(find(".card-title a", card));
  else if (key === "v") return go(card.dataset.source);
  else if (key === "m") return openMenu(card);
  else if (key === "e") return unfold(card);
  else if (key === "y") copyLink(card);
  else return false;
  return true;
}

function follow(link) {
  link?.click();
  return Boolean(link);
}

function go(address) {
  if (address) location.assign(address);
  return Boolean(address);
}

function search() {
  const box = find("main input[type=search]") ?? find("input[type=search]");
  box?.focus();
  box?.select();
  return Boolean(box);
}

/**
 * Focus the next card that is due, or the previous one; at the end of the loaded cards, load more and then focus the
 * next. After the last unseen card of a day, focus the link to the day before.
 */
function move(step, isDue = isShown) {
  awaited = null;
  const next = neighbour(step, isDue);
  if (next) return focus(next);
  const more = step > 0 && find(".more-trigger");
  if (!more) {
    if (isDue === isUnseen) find(".day-end a")?.focus();
    return say(help.dataset.end);
  }
  awaited = isDue;
  htmx.trigger(more, "intersect");
}

function neighbour(step, isDue = isShown) {
  let card = cardHere();
  if (!card?.matches(".card")) return firstInView(isDue);
  do card = step > 0 ? card.nextElementSibling : card.previousElementSibling;
  while (card && !isDue(card));
  return card;
}

function focus(card) {
  current = card;
  const article = find("article", card) ?? card;
  article.tabIndex = -1;
  focusOn(article);
  article.scrollIntoView({ block: "nearest" });
}

/** Unfold or fold the abstract of a compact card. */
function unfold(card) {
  const details = find(".gist", card);
  if (details) details.open = !details.open;
  return Boolean(details);
}

function pressButton(card, name) {
  const button = buttonOf(card, name);
  if (!button) return false;
  const isOn = (button.ariaPressed ?? button.ariaExpanded) === "true";
  const next = name === "hide" && !isOn && (neighbour(1) ?? neighbour(-1));
  button.click();
  if (button.ariaPressed ?? button.ariaExpanded) {
    say(`${labelOf(button)}: ${help.dataset[(button.ariaPressed ? "pressed" : "expanded") + (isOn ? "Off" : "On")]}`);
  }
  if (next) focus(next);
  return true;
}

async function copyLink(card) {
  await writeClipboard(Promise.resolve(find(".card-title a", card)?.href ?? location.href));
  say(help.dataset.copied);
}

/** Escape closes the menu, leaves a field of a card or the pane, or closes the panel of the card. */
function close({ target, defaultPrevented }) {
  const card = cardInList(target) ?? cardHere();
  if (defaultPrevented || isOff()) return;
  if (closeMenu()) return;
  if (card && target.closest(".pane")) return focus(card);
  if (isOpen()) select("abstract");
  if (!card || target.matches?.(TYPED)) return card?.contains(target) ? focus(card) : target.blur?.();
  closePanel(card);
  if (!card.contains(focused()) && card === current) focus(card);
}

function keepFocus() {
  if (lost?.isConnected && focused() === document.body) focus(lost);
  lost = null;
}

/** After going back from a paper, focus the card it was opened from. */
function returnToCard() {
  const name = () => `card:${location.href}`; // place.js writes the place to the address before the page is left
  on("pagehide", () => current && (sessionStorage[name()] = current.id), window);
  if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
  const card = document.getElementById(sessionStorage[name()] ?? "");
  if (card && focused() === document.body) focus(card);
}

function openHelp() {
  document.body.append(help.content.cloneNode(true));
  const dialog = document.body.lastElementChild;
  const isOn = find("[data-keys-switch]", dialog);
  isOn.checked = !isOff();
  on("change", () => (localStorage.keys = isOn.checked ? "on" : "off"), isOn);
  on("close", () => dialog.remove(), dialog);
  dialog.showModal();
}
