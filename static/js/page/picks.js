/** Menus of links (`details.pick`): Escape and a click elsewhere close them. Without scripts, their summary does. */
import { findAll, focused, on, once } from "./dom.js";

export const start = once(() => {
  on("click", ({ target }) => close((pick) => !pick.contains(target)));
  on("keydown", (event) => {
    if (event.key === "Escape" && close((pick) => pick.contains(focused()))) event.preventDefault();
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
