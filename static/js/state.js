/**
 * Star, hide, read and note on cards: `[data-action]` buttons below an element with `data-key`, which shows its
 * state by `aria-pressed` and classes. Start at `startState`.
 */
import { get, put, remove, states } from "./store.js";

const KINDS = ["star", "hide", "read", "note"];
const OPENERS = "[data-action=pdf], [data-action=summary], .card-title a";
let started = false;

export function startState(root) {
  if (!started) {
    started = true;
    document.addEventListener("click", press);
    document.addEventListener("auxclick", markRead);
    document.addEventListener("coolpapers:state", ({ detail: { kind, key } }) => {
      if (key === "*") show(cards());
      else if (KINDS.includes(kind)) show(cards().filter((card) => card.dataset.key === key));
    });
    const detail = document.querySelector(".detail[data-key]");
    if (detail) put("read", detail.dataset.key);
  }
  return show([...(root.matches?.("[data-key]") ? [root] : []), ...root.querySelectorAll("[data-key]")]);
}

const cards = () => [...document.querySelectorAll("[data-key]")];

async function show(some) {
  const found = await states(KINDS, some.map((card) => card.dataset.key));
  for (const card of some) {
    const state = found[card.dataset.key];
    for (const kind of KINDS) {
      card.querySelector(`[data-action=${kind}]`)?.setAttribute("aria-pressed", String(kind in state));
    }
    card.classList.toggle("is-hidden", "hide" in state);
    card.classList.toggle("is-read", "read" in state);
    if (state.note) noteOf(card, state.note.text);
  }
}

async function press(event) {
  markRead(event);
  const button = event.target.closest?.("button[data-action]");
  const card = button?.closest("[data-key]");
  const kind = button?.dataset.action;
  if (!card || !KINDS.includes(kind)) return;
  const key = card.dataset.key;
  if (kind === "note") return noteOf(card).focus();
  if (await get(kind, key)) await remove(kind, key);
  else await put(kind, key);
}

function markRead({ target, button }) {
  const card = button < 2 && target.closest?.(OPENERS)?.closest("[data-key]");
  if (card) put("read", card.dataset.key);
}

/** The field of a card's note, made where there is none. What is typed is kept at once. */
function noteOf(card, text) {
  let field = card.querySelector(".card-note");
  if (!field) {
    field = document.createElement("textarea");
    field.className = "card-note";
    field.setAttribute("aria-label", card.querySelector("[data-action=note]").dataset.label);
    field.addEventListener("input", () => {
      if (field.value.trim()) put("note", card.dataset.key, { text: field.value });
      else remove("note", card.dataset.key);
    });
    (card.querySelector(".card-meta") ?? card.lastElementChild).after(field);
  }
  if (text !== undefined && field !== document.activeElement) field.value = text;
  return field;
}
