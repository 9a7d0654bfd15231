/**
 * What a reader presses before the page's scripts are there is not lost: presses that need a script are held, and made
 * in their order once it has started. Plain links, plain forms and fields need none and are left alone. A plain script
 * in the head, so that it hears every press first.
 *
 * `main.js` has `data-features` of the page, and of each part that htmx brings in, say "starting" and then "started",
 * which the event `coolpapers:started` tells.
 */
(() => {
  const PRESSED =
    "button[type=button], [data-panel], [data-opens], [data-export], [data-action=copy], a[hx-post], .mark, [data-hide-read]";
  const SENT = "[hx-get], [hx-post], [data-import], [data-sign-out], [data-filter]";
  const FIELD = "textarea, select, input:not([type=checkbox], [type=radio])";
  const PATIENCE_MS = 4000; // then a link or a form does what it does without scripts
  const page = document.documentElement;
  const database = page.dataset.account ? `coolpapers-${page.dataset.account}` : "coolpapers"; // as store.js names it
  let held = [];
  let isMaking = false;
  page.dataset.features = "starting";

  const isStarting = (element) => element.closest?.("[data-features]")?.dataset.features === "starting";
  const isPlain = (event) => !(event.ctrlKey || event.metaKey || event.altKey || event.isComposing);

  function hold(event, element, make, opensField) {
    if (isMaking || !isStarting(element)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const press = { element, make, opensField };
    const isKey = event.type === "keydown";
    if (!isKey && element.hasAttribute("aria-busy")) return; // pressed again, impatiently
    held.push(press);
    if (isKey) return;
    element.setAttribute("aria-busy", "true");
    if (element.matches("a, form")) setTimeout(() => makeAll((one) => one === press), PATIENCE_MS);
  }

  /** Make the held presses that `isDue`. */
  function makeAll(isDue) {
    const due = held.filter(isDue);
    held = held.filter((press) => !due.includes(press));
    isMaking = true;
    for (const { element, make } of due) {
      element.removeAttribute("aria-busy");
      if (element.isConnected) make();
    }
    isMaking = false;
  }

  /** A key on whatever has the focus by then: a field that a key before it has opened takes it as typed. */
  function type(event) {
    const place = document.activeElement ?? document.body;
    if (!place.matches(FIELD)) return place.dispatchEvent(new KeyboardEvent("keydown", event));
    place.setRangeText(event.key, place.selectionStart, place.selectionEnd, "end");
    return place.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  addEventListener("click", (event) => {
    const element = event.target.closest?.(PRESSED);
    if (!element || !isPlain(event) || (event.shiftKey && element.matches("a"))) return;
    const was = element.ariaPressed; // a star that turns out to be on already is what the reader wanted
    const make = () => element.ariaPressed === was && element.dispatchEvent(new MouseEvent("click", event));
    hold(event, element, make, element.dataset.action === "note");
  }, true);

  addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (form.matches(SENT)) hold(event, form, () => (submitter ? submitter.click() : form.requestSubmit()));
  }, true);

  addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (key.length > 1 || !isPlain(event) || target.isContentEditable || target.matches?.(FIELD)) return;
    const isText = held.some(({ opensField }) => opensField); // else a blank scrolls, or presses what has the focus
    if (isText || (key !== " " && localStorage.keys !== "off")) {
      hold(event, target, () => type(event), key === "/" || key === "n");
    }
  }, true);

  document.addEventListener("coolpapers:started", () => makeAll(({ element }) => !isStarting(element)));

  addEventListener("error", ({ target }) => {
    if (target.type !== "module") return; // main.js did not come
    page.dataset.features = "failed";
    makeAll(() => true);
  }, true);

  /** Who leaves before the scripts are there has starred all the same: store.js finds it on the next page. */
  addEventListener("pagehide", () => {
    for (const { element } of held) {
      element.removeAttribute("aria-busy");
      const kind = element.dataset.action;
      const key = element.closest("[data-key]")?.dataset.key;
      if (!key || !["star", "hide", "read"].includes(kind)) continue;
      const item = { kind, key, value: {}, changed: Date.now(), deleted: false };
      localStorage[`${database}:${kind} ${key}`] = JSON.stringify(item);
    }
    held = [];
  });
})();
