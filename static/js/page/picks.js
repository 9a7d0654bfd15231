/**
 * Menus of links (`details.pick`): Escape and a click elsewhere close them. Without scripts, their summary does. Of the
 * two boxes of a category (`.tri`: in the set, not in it) at most one is checked; without scripts, "not in it" counts.
 */
import { cancel, coverCards, findAll, focused, on, once } from "./dom.js";

export const start = once(() => {
  // "input" comes before the "change" that htmx listens to.
  on("input", ({ target }) => {
    const both = target.closest(".tri")?.querySelectorAll("input") ?? [];
    for (const box of both) box.checked &&= box === target;
  });
  on("click", ({ target }) => close((pick) => !pick.contains(target)));
  document.addEventListener("toggle", coverCards, true); // it does not bubble
  on("keydown", (event) => {
    if (event.key === "Escape" && close((pick) => pick.contains(focused()))) cancel(event);
  });
});

function close(isDue) {
  const due = findAll(".pick[open]:not(.filter)").filter(isDue);
  for (const pick of due) {
    const hadFocus = pick.contains(focused());
    pick.open = false;
    if (hadFocus) pick.firstElementChild.focus();
  }
  return due.length > 0;
}
