/**
 * Star, hide, seen and note on cards: buttons with `data-action` inside an element with `data-key`, which shows its state
 * by `aria-pressed`, classes, `data-states` and words beside its title; and the line above a list that counts hidden cards.
 */
import { cardOf, find, findAll, focused, focusOn, make, newestFirst, on, once, within } from "../page/dom.js";
import { showStates, wordsOf } from "./badges.js";
import { isOpen, openPart } from "./pane.js";
import { account, allOf, get, keysOf, put, remove, states } from "../people/store.js";

const KINDS = ["star", "hide", "read", "note"];
const OPENERS = "[data-action=pdf], [data-action=summary], .card-title a";
const VISIT_MS = 4 * 3600 * 1000; // a pause this long ends a visit
const MIRRORED = 2000; // hidden papers that hidden_papers.js hides before the first paint; this file hides the rest
const pendingWrites = new Map(); // per card, the number of writes that are not finished
let hidesRead;
let visit;

const listen = once(async () => {
  on("click", press);
  on("auxclick", markRead);
  on("change", ({ target }) => {
    if (target.matches("[data-hide-read]")) put("setting", "hide-read", { on: target.checked });
  });
  on("coolpapers:state", follow);
  await readSetting();
  const paper = find(".detail[data-key]");
  if (paper) put("read", paper.dataset.key);
  visit = (await get("setting", "visit"))?.value ?? {};
});

export async function start(root) {
  await listen();
  const cards = within("[data-key]", root);
  for (const { dataset } of cards) if (dataset.was) await move(dataset.was, dataset.key);
  await show(cards, true);
  await noteVisit(cards);
}

/** Move the items of a paper to its new key. Where both keys have a note, the notes are joined. */
async function move(was, key) {
  const stored = await states(KINDS, [was, key]);
  for (const [kind, value] of Object.entries(stored[was])) {
    const existing = stored[key][kind];
    if (!existing) await put(kind, key, value);
    else if (value.text && !existing.text?.includes(value.text)) await put(kind, key, { text: `${existing.text}\n\n${value.text}` });
    await remove(kind, was);
  }
}

async function follow({ detail: { kind, key } }) {
  const isMany = key === "*";
  if (isMany || key === "hide-read") {
    await readSetting();
    await mirror();
    await show(findAll("[data-key]"), true);
  } else if (KINDS.includes(kind)) {
    if (kind === "hide") await mirror();
    await show(findAll(`[data-key="${CSS.escape(key)}"]`));
  }
}

async function readSetting() {
  hidesRead = Boolean((await get("setting", "hide-read"))?.value.on);
  for (const box of findAll("[data-hide-read]")) box.checked = hidesRead;
}

/** Write the newest hidden papers to where hidden_papers.js reads them. */
async function mirror() {
  const items = (await allOf(hidesRead ? ["hide", "read"] : ["hide"])).flat();
  const keys = keysOf(newestFirst(items).slice(0, MIRRORED));
  localStorage.setItem(`hidden-${account ?? ""}`, JSON.stringify(keys));
  document.dispatchEvent(new Event("coolpapers:hidden"));
}

/** Show the state of cards. Seen papers are hidden only on a page load or in an inserted part (`isFresh`). */
async function show(cards, isFresh = false) {
  const stored = await states(KINDS, cards.map((card) => card.dataset.key));
  for (const card of cards) {
    if (pendingWrites.has(card)) continue; // this state is older than the write; the write shows its own
    const state = stored[card.dataset.key];
    card.dataset.states = KINDS.filter((kind) => kind in state).join(" ");
    for (const kind of KINDS) {
      for (const button of findAll(`[data-action=${kind}]`, card)) button.ariaPressed = String(kind in state);
    }
    const isSeen = hidesRead && "read" in state && (isFresh || card.matches(".is-hidden"));
    card.classList.toggle("is-hidden", "hide" in state || isSeen);
    card.classList.toggle("is-read", "read" in state);
    if (!("hide" in state)) card.classList.remove("is-just-hidden");
    if (card.matches(state.note ? ".card, .detail, .missing, .pane-paper" : ".pane-paper")) noteOf(card, state.note?.text ?? "");
  }
  await showStates(cards);
  count();
}

function count() {
  const line = find("[data-hidden-line]");
  if (!line) return;
  const n = findAll(".cards > .is-hidden").length;
  line.hidden = !n;
  const words = line.dataset.words.replace("{n}", n);
  const place = line.firstElementChild;
  if (place.textContent !== words) place.textContent = words;
}

async function press(event) {
  markRead(event);
  const button = event.target.closest?.("button[data-action]");
  const kind = button?.dataset.action;
  if (kind === "show-hidden") return showHidden(button);
  const card = button && cardOf(button);
  if (!card) return;
  if (kind === "note") noteOf(isOpen() ? await openPart(card, kind) : card).focus();
  else if (kind === "undo") {
    await trackWrite(card, remove("hide", card.dataset.key));
    focusOn(find("[data-open-menu], [data-action=hide]", card));
  } else if (KINDS.includes(kind)) {
    const isOn = button.ariaPressed === "true";
    button.ariaPressed = String(!isOn); // at once, before the write
    if (kind === "hide" && !isOn && card.matches(".cards:not(.shows-hidden) > *")) collapse(card);
    await trackWrite(card, (isOn ? remove : put)(kind, card.dataset.key));
  }
}

/** Count a write of a card as pending until it is finished or has failed; the next page tries a failed one again. */
async function trackWrite(card, write) {
  pendingWrites.set(card, (pendingWrites.get(card) ?? 0) + 1);
  try {
    await write;
  } catch (error) {
    console.warn("not stored now:", error);
  }
  if (pendingWrites.get(card) > 1) pendingWrites.set(card, pendingWrites.get(card) - 1);
  else pendingWrites.delete(card);
}

/** Reduce a card that the reader hides to one line with an undo button. */
function collapse(card) {
  const hadFocus = card.contains(focused());
  card.classList.add("is-hidden", "is-just-hidden");
  let undo = find("[data-action=undo]", card);
  if (!undo) {
    undo = make("button", { type: "button", className: "action undo", textContent: wordsOf().undo });
    undo.dataset.action = "undo";
    find(".card-actions", card).append(undo);
  }
  if (hadFocus) focusOn(undo);
}

function showHidden(button) {
  const shows = button.ariaPressed !== "true";
  button.ariaPressed = String(shows);
  for (const list of findAll(".cards")) list.classList.toggle("shows-hidden", shows);
}

function markRead({ target, button }) {
  const card = button < 2 && target.closest?.(OPENERS)?.closest("[data-key]");
  if (card) put("read", card.dataset.key);
}

/** The note field of a card, created on first use. Input is saved at once. */
function noteOf(card, text) {
  let field = find(".card-note", card);
  if (!field) {
    field = make("textarea", { className: "card-note", ariaLabel: wordsOf().note });
    const saveNote = () => {
      if (field.value.trim()) put("note", card.dataset.key, { text: field.value });
      else remove("note", card.dataset.key);
    };
    on("input", saveNote, field);
    (find(".note-place", card) ?? find(".card-meta", card) ?? card.lastElementChild).after(field);
  }
  if (text !== undefined && field !== focused()) field.value = text;
  return field;
}

/** The record of a visit after a page with cards up to the day `newest`, at `now` (milliseconds). */
export function nextVisit({ at, seen, since }, newest, now) {
  if (!at || now - at > VISIT_MS) since = seen;
  return { at: now, seen: !seen || newest > seen ? newest : seen, since };
}

/** Mark cards that are newer than all cards of earlier visits, and link to all of them. */
async function noteVisit(cards) {
  const dayOf = (card) => card.matches(".card") && find("time[datetime*='-']", card)?.dateTime;
  const today = isoDay(Date.now());
  const days = cards.map(dayOf).filter((day) => day && day <= today);
  if (!days.length) return;
  const before = visit;
  const now = (visit = nextVisit(before, days.sort().at(-1), Date.now()));
  if (now.seen !== before.seen || now.since !== before.since || now.at - (before.at ?? 0) > VISIT_MS / 8) {
    await put("setting", "visit", now);
  }
  if (!now.since) return;
  for (const card of cards) card.classList.toggle("is-new", dayOf(card) > now.since);
  await showStates(cards);
  const link = find("[data-since]");
  if (!link) return;
  const address = new URL(location);
  for (const name of ["date", "to", "skip", "start"]) address.searchParams.delete(name);
  address.searchParams.set("from", isoDay(Date.parse(now.since) + 86_400_000));
  link.href = address;
  link.hidden = !find(".date-range");
}

const isoDay = (time) => new Date(time).toISOString().slice(0, 10);
