/**
 * Swiping a card on a touch screen: to the right stars its paper, to the left marks it as not interesting. A line at the
 * end of the window undoes it. The listeners are passive, so scrolling never waits for them. The switch is above the list.
 */
import { find, on, once } from "../page/dom.js";
import { buttonOf, labelOf } from "./menu.js";

const FAR_PX = 80;
const SLACK_PX = 10;
const NOTE_MS = 6000;
let choice;
let card;
let from; // where the finger touched
let way; // pixels to the right, once the finger moves across
let note;

export const start = once(() => {
  choice = find("[data-swipe]");
  choice.checked = localStorage.swipe !== "false";
  on("change", () => (localStorage.swipe = choice.checked), choice);
  const listeners = { start: begin, move, end, cancel: reset };
  for (const type in listeners) document.addEventListener(`touch${type}`, listeners[type], { passive: true });
});

/** The action of a swipe that far to the right, in pixels; none where it is too short. */
export const actionOf = (px) => (px > FAR_PX ? "star" : px < -FAR_PX ? "hide" : "");

function begin({ target, touches }) {
  reset();
  [from] = touches;
  if (choice.checked && !touches[1] && !target.closest(".math, pre, .panel")) card = target.closest(".cards > .card");
}

function move({ touches: [{ clientX, clientY }] }) {
  if (!card) return;
  const x = clientX - from.clientX;
  if (way === undefined && Math.abs(clientY - from.clientY) > SLACK_PX) return reset(); // the finger scrolls
  if (way === undefined && Math.abs(x) < SLACK_PX) return;
  way = x;
  card.style.translate = `${x}px`;
  card.dataset.swiped = actionOf(x);
}

function end() {
  const [swiped, action] = [card, actionOf(way)];
  reset();
  const button = action && buttonOf(swiped, action);
  if (!button || button.ariaPressed === "true") return;
  button.click();
  note?.remove();
  note = find("#swipe-note").content.firstElementChild.cloneNode(true);
  note.firstChild.textContent = `${labelOf(button)} ✓`;
  on("click", () => {
    buttonOf(swiped, action).click();
    note.remove();
  }, note.lastChild);
  document.body.append(note);
  setTimeout((shown) => shown.remove(), NOTE_MS, note);
}

function reset() {
  if (card) card.style.translate = card.dataset.swiped = "";
  card = way = undefined;
}
