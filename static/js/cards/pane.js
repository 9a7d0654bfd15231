/**
 * The reading pane: on wide screens the chosen paper stands beside the list, with a tab for each of its parts
 * (templates/papers/_pane_paper.html). The focus chooses a card, so `j` and `k` move the choice; a click does too, and a
 * second click on the title opens the paper's page. The fragment of the address names a paper that the reader chose and
 * its part (`paper`, `tab`); the browser remembers whether the pane is open and its width (static/js/head/theme.js).
 */
import { cancel, bringBack, find, findAll, firstInView, focused, focusOn, isPlain, on, once, onClick, request, topOf } from "../page/dom.js";
import { put } from "../people/store.js";
import { wordsOf } from "./badges.js";
import { nameOf } from "./menu.js";
import { rememberSoon } from "./place.js";

const READ_MS = 1000; // a paper that was chosen for a shorter time does not count as seen
const HELD_KEY_MS = 20; // papers that a held key passes are not loaded
const SKELETON_MS = 40;
let pane;
let list; // names the reader's choice (`data-paper`) and the part shown (`data-part`) for place.js
let path; // of the paper shown
let part = "abstract";
let shown; // a promise that resolves when the paper is shown
let chosenAt;
let pressed; // the reader's choice before a press, which may move the focus before it clicks

export const isOpen = () => Boolean(pane?.checkVisibility());

/** The width within its limits, in hundredths of the window's. */
export const clampWidth = (width) => Math.min(65, Math.max(25, Math.round(width)));

/** Start, or go on after the list was replaced. */
export function start() {
  pane = find(".pane");
  list = find(".cards");
  if (!pane) return;
  document.body.classList.add("has-pane");
  listen();
  requestAnimationFrame(fill); // after all inserted cards: it computes the styles of the page
}

const listen = once(() => {
  const edge = find(".pane-edge");
  for (const type of ["mousedown", "keydown"]) on(type, () => (pressed = list.dataset.paper));
  on("focusin", ({ target }) => choose(cardAt(target)));
  onClick(".cards > .card", clickCard);
  onClick("[data-tab]", ({ dataset }) => select(dataset.tab));
  onClick("[data-pane-switch]", togglePane);
  on("keydown", pressArrow, pane);
  on("pointerdown", ({ pointerId }) => edge.setPointerCapture(pointerId), edge);
  on("pointermove", ({ buttons, clientX }) => buttons && resize(100 - (100 * clientX) / innerWidth), edge);
  on("resize", fill, window);
  resize(parseInt(localStorage.paneWidth ?? 40));
  fill(); // now, before the focus can choose a card
});

const cardAt = (element) => element.closest(".cards > .card");
const chosenCard = () => find(".cards > [aria-current]");
const linkOf = (card) => find(".card-title a", card);
const nameOfCard = (card) => nameOf(linkOf(card).pathname);

/** Show the paper that the address names, else the first one in view. */
function fill() {
  for (const button of findAll(".pane-switch")) button.ariaPressed = isOpen();
  if (!isOpen() || path) return;
  const address = new URLSearchParams(location.hash.slice(1));
  const name = address.get("paper");
  if (!name) return show(firstInView());
  list.dataset.paper = name;
  part = address.get("tab") ?? part;
  show(findAll(".cards > .card").find((card) => nameOfCard(card) === name), `/papers/${name}`);
}

/** Show the paper of a card that the reader chose. */
function choose(card) {
  if (!card || !isOpen()) return;
  const before = chosenCard();
  const { paper } = list.dataset;
  if (paper !== nameOfCard(card)) {
    if (paper && before && performance.now() - chosenAt > READ_MS) put("read", before.dataset.key);
    if (part === "pdf") part = "abstract"; // a PDF is large: it opens on request
    list.dataset.paper = nameOfCard(card);
    chosenAt = performance.now();
    rememberSoon();
  }
  if (card !== before) show(card);
}

function show(card, address = card && linkOf(card).href) {
  chosenCard()?.removeAttribute("aria-current");
  card?.setAttribute("aria-current", "true");
  if (address) shown = load((path = address), card);
}

async function load(address, card) {
  const content = find(".pane-content");
  const isDue = () => path === address;
  const timer = setTimeout(() => isDue() && content.replaceChildren(card ? linkOf(card).parentElement.cloneNode(true) : ""), SKELETON_MS);
  await new Promise((resolve) => setTimeout(resolve, HELD_KEY_MS));
  const html = isDue() && (await fetchPart(address).catch(() => `<p class="panel-failed" role="alert">${wordsOf().failed}</p>`));
  clearTimeout(timer);
  if (!isDue()) return;
  htmx.swap(content, html, { swapStyle: "innerHTML" });
  select(part);
  const next = card?.nextElementSibling;
  if (next?.matches(".card")) fetchPart(linkOf(next)).catch(() => {}); // now it is in the browser's cache
}

/** A paper for the pane, with the words of the page's search marked. */
async function fetchPart(address) {
  const query = new URLSearchParams(location.search).get("q");
  return (await request(query ? `${address}?q=${encodeURIComponent(query)}` : address, { headers: { "HX-Request": "true" } })).text();
}

/** Show a part of the paper, or its abstract where it has no such part. */
export function select(name) {
  part = name;
  const tabs = findAll("[data-tab]", pane);
  const chosen = tabs.find(({ dataset }) => dataset.tab === name) ?? tabs[0];
  for (const tab of tabs) {
    const isChosen = tab === chosen;
    tab.ariaSelected = isChosen;
    tab.tabIndex = isChosen - 1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !isChosen;
  }
  for (const link of findAll(".card [data-panel][aria-expanded=true], [aria-current] [data-panel]")) {
    link.ariaExpanded = link.dataset.action === name && cardAt(link) === chosenCard();
  }
  list.dataset.part = name;
  rememberSoon();
}

/** Show a part of a card's paper, or its abstract again if the part is shown. Resolves with the paper in the pane. */
export async function openPart(card, action) {
  const name = action === "collect" ? "note" : action;
  const isShown = part === name && action !== "note" && (!cardAt(card) || pressed === nameOfCard(card));
  choose(cardAt(card));
  part = isShown ? "abstract" : name;
  await shown;
  select(part);
  return find(".pane-paper");
}

/** Move the focus into the pane; return whether it is open. */
export function enterPane() {
  find(".pane-part:not([hidden])", pane)?.focus();
  return isOpen();
}

/** A click on a card chooses it. Controls work as usual; the title is a link once its paper is chosen. */
function clickCard(card, event) {
  if (!isOpen() || !event.isTrusted || !isPlain(event)) return;
  const control = event.target.closest("a, button, input, summary, textarea, .panel");
  if (control === linkOf(card) && pressed !== nameOfCard(card)) cancel(event);
  if (control || !getSelection().isCollapsed) return;
  const article = find("article", card);
  article.tabIndex = -1;
  focusOn(article);
}

/** Open or close the pane; the card in view stays where it is. Return whether the page has one. */
export function togglePane() {
  const card = firstInView();
  if (!pane || !card) return false;
  const top = topOf(card);
  find("html").dataset.pane = localStorage.pane = isOpen() ? "closed" : "";
  bringBack(card, top);
  choose(cardAt(focused()));
  fill();
  return true;
}

function pressArrow(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const { target } = event;
  const tabs = findAll("[data-tab]", pane);
  if (!step) return;
  if (tabs.includes(target)) {
    const tab = tabs.at((tabs.indexOf(target) + step) % tabs.length);
    select(tab.dataset.tab);
    tab.focus();
  } else if (target.matches(".pane-edge")) resize(target.ariaValueNow - 2 * step);
  else return;
  cancel(event);
}

function resize(width) {
  const value = (find(".pane-edge").ariaValueNow = clampWidth(width));
  find("html").style.setProperty("--pane", (localStorage.paneWidth = `${value}vw`));
}
