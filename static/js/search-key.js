/** `/` puts the cursor into the page's search box. */

/** Whether a key press is meant for the page rather than for a field or a shortcut of the browser. */
export function isForPage(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  const target = event.target;
  return !(target?.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target?.tagName ?? ""));
}

let started = false;

export function startSearchKey() {
  if (started) return;
  started = true;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || !isForPage(event)) return;
    const box = document.querySelector("main input[type=search]") ?? document.querySelector("input[type=search]");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}
