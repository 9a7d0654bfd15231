/**
 * Star, hide, read and note on cards: buttons with `data-action` below an element with `data-key`, which shows its
 * state by `aria-pressed` and classes; and the line over a list that counts what is hidden.
 */
import { cardOf, find, findAll, focused, make, newestFirst, on, once, within } from "../page/dom.js";
import { account, allOf, get, keysOf, put, remove, states } from "../keeping/store.js";

const KINDS = ["star", "hide", "read", "note"];
const OPENERS = "[data-action=pdf], [data-action=summary], .card-title a";
const VISIT_MS = 4 * 3600 * 1000; // a pause this long ends a visit
const MIRRORED = 2000; // hidden papers that hidden_papers.js knows; older ones are hidden a moment later
const writing = new Map(); // cards with a press that is not kept yet: how many
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

/** A paper has another key now: what is kept of it goes along, of two notes both. */
async function move(was, key) {
  const found = await states(KINDS, [was, key]);
  for (const [kind, value] of Object.entries(found[was])) {
    const there = found[key][kind];
    if (!there) await put(kind, key, value);
    else if (value.text && !there.text?.includes(value.text)) await put(kind, key, { text: `${there.text}\n\n${value.text}` });
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

/** Put the newest hidden papers where hidden_papers.js finds them. */
async function mirror() {
  const items = (await allOf(hidesRead ? ["hide", "read"] : ["hide"])).flat();
  const keys = keysOf(newestFirst(items).slice(0, MIRRORED));
  localStorage.setItem(`hidden-${account ?? ""}`, JSON.stringify(keys));
  document.dispatchEvent(new Event("coolpapers:hidden"));
}

/** Let cards show their state. A paper read just now stays where it is until it comes in anew (`isFresh`). */
async function show(cards, isFresh = false) {
  const found = await states(KINDS, cards.map((card) => card.dataset.key));
  for (const card of cards) {
    if (writing.has(card)) continue; // this was read before: what comes after the write is shown
    const state = found[card.dataset.key];
    for (const kind of KINDS) {
      const button = find(`[data-action=${kind}]`, card);
      if (button) button.ariaPressed = String(kind in state);
    }
    const isSeen = hidesRead && "read" in state && (isFresh || card.matches(".is-hidden"));
    card.classList.toggle("is-hidden", "hide" in state || isSeen);
    card.classList.toggle("is-read", "read" in state);
    if (!("hide" in state)) card.classList.remove("is-just-hidden");
    if (state.note && find("[data-action=note]", card)) noteOf(card, state.note.text);
  }
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
  if (kind === "note") noteOf(card).focus();
  else if (kind === "undo") {
    await keeping(card, remove("hide", card.dataset.key));
    find("[data-action=hide]", card).focus({ preventScroll: true });
  } else if (KINDS.includes(kind)) {
    const isOn = button.ariaPressed === "true";
    button.ariaPressed = String(!isOn); // at once; what is kept follows
    if (kind === "hide" && !isOn && card.matches(".cards:not(.shows-hidden) > *")) collapse(card, button);
    await keeping(card, (isOn ? remove : put)(kind, card.dataset.key));
  }
}

async function keeping(card, write) {
  writing.set(card, (writing.get(card) ?? 0) + 1);
  await write;
  if (writing.get(card) > 1) writing.set(card, writing.get(card) - 1);
  else writing.delete(card);
}

/** A card hidden just now becomes one line with Undo. */
function collapse(card, button) {
  const hadFocus = focused() === button;
  card.classList.add("is-hidden", "is-just-hidden");
  if (hadFocus) find("[data-action=undo]", card).focus({ preventScroll: true });
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

/** The field of a card's note, made where there is none. What is typed is kept at once. */
function noteOf(card, text) {
  let field = find(".card-note", card);
  if (!field) {
    field = make("textarea", { className: "card-note", ariaLabel: find("[data-action=note]", card).dataset.label });
    const keepNote = () => {
      if (field.value.trim()) put("note", card.dataset.key, { text: field.value });
      else remove("note", card.dataset.key);
    };
    on("input", keepNote, field);
    (find(".card-meta", card) ?? card.lastElementChild).after(field);
  }
  if (text !== undefined && field !== focused()) field.value = text;
  return field;
}

/** What a visit is and which days it has shown, after a page with cards up to `newest` at `now` (milliseconds). */
export function nextVisit({ at, seen, since }, newest, now) {
  if (!at || now - at > VISIT_MS) since = seen;
  return { at: now, seen: !seen || newest > seen ? newest : seen, since };
}

/** Mark cards of days after those that the visits before this one have shown, and lead to all of them. */
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
  const link = find("[data-since]");
  if (!link) return;
  const address = new URL(location);
  for (const name of ["date", "to", "skip", "start"]) address.searchParams.delete(name);
  address.searchParams.set("from", isoDay(Date.parse(now.since) + 86_400_000));
  link.href = address;
  link.hidden = !find(".date-range");
}

const isoDay = (time) => new Date(time).toISOString().slice(0, 10);
