/**
 * Holds clicks, keys and submits that need a script until the script has started, and then replays them in their order.
 * Plain links, forms and fields need no script and are left alone. This is a classic script in the head, so its
 * listeners run first.
 *
 * `main.js` sets `data-features` of the page, and of each part that htmx inserts, to "starting" and then to "started",
 * and dispatches `coolpapers:started`.
 */
(() => {
  const CLICKED =
    "button[type=button], [data-panel], [data-density], [data-opens], [data-export], [data-action=copy], a[hx-post], .select-box, [data-hide-read]";
  const SUBMITTED = "[hx-get], [hx-post], [data-import], [data-sign-out], [data-filter]";
  const FIELD = "textarea, select, input:not([type=checkbox], [type=radio])";
  const MAX_HOLD_MS = 4000; // after this a link or a form works as it does without scripts
  const page = document.documentElement;
  const database = page.dataset.account ? `coolpapers-${page.dataset.account}` : "coolpapers"; // as store.js names it
  let heldEvents = [];
  let isReplaying = false;
  page.dataset.features = "starting";

  const isStarting = (element) => element.closest?.("[data-features]")?.dataset.features === "starting";
  const isPlain = (event) => !(event.ctrlKey || event.metaKey || event.altKey || event.isComposing);

  function hold(event, element, replay, opensField) {
    if (isReplaying || !isStarting(element)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const held = { element, replay, opensField };
    const isKey = event.type === "keydown";
    if (!isKey && element.hasAttribute("aria-busy")) return; // a repeated click
    heldEvents.push(held);
    if (isKey) return;
    element.setAttribute("aria-busy", "true");
    if (element.matches("a, form")) setTimeout(() => replayAll((other) => other === held), MAX_HOLD_MS);
  }

  /** Replay the held events for which `isDue` is true. */
  function replayAll(isDue) {
    const due = heldEvents.filter(isDue);
    heldEvents = heldEvents.filter((held) => !due.includes(held));
    isReplaying = true;
    for (const { element, replay } of due) {
      element.removeAttribute("aria-busy");
      if (element.isConnected) replay();
    }
    isReplaying = false;
  }

  /** Replay a key on the element that has the focus now. A field that an earlier key opened takes it as typed text. */
  function type(event) {
    const place = document.activeElement ?? document.body;
    if (!place.matches(FIELD)) return place.dispatchEvent(new KeyboardEvent("keydown", event));
    place.setRangeText(event.key, place.selectionStart, place.selectionEnd, "end");
    return place.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  addEventListener("click", (event) => {
    const element = event.target.closest?.(CLICKED);
    if (!element || !isPlain(event) || (event.shiftKey && element.matches("a"))) return;
    const before = element.ariaPressed; // a click must not turn off a star that the starting script turns on
    const replay = () => element.ariaPressed === before && element.dispatchEvent(new MouseEvent("click", event));
    hold(event, element, replay, element.dataset.action === "note");
  }, true);

  addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (form.matches(SUBMITTED)) hold(event, form, () => (submitter ? submitter.click() : form.requestSubmit()));
  }, true);

  addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (key.length > 1 || !isPlain(event) || target.isContentEditable || target.matches?.(FIELD)) return;
    const isText = heldEvents.some(({ opensField }) => opensField); // otherwise a space scrolls or clicks
    if (isText || (key !== " " && localStorage.keys !== "off")) {
      hold(event, target, () => type(event), key === "/" || key === "n");
    }
  }, true);

  document.addEventListener("coolpapers:started", () => replayAll(({ element }) => !isStarting(element)));

  addEventListener("error", ({ target }) => {
    if (target.type !== "module") return; // main.js did not load
    page.dataset.features = "failed";
    replayAll(() => true);
  }, true);

  /** A star clicked before the reader left the page is kept: store.js reads it on the next page. */
  addEventListener("pagehide", () => {
    for (const { element } of heldEvents) {
      element.removeAttribute("aria-busy");
      const kind = element.dataset.action;
      const key = element.closest("[data-key]")?.dataset.key;
      if (!key || !["star", "hide", "read"].includes(kind)) continue;
      const item = { kind, key, value: {}, changed: Date.now(), deleted: false };
      localStorage[`${database}:${kind} ${key}`] = JSON.stringify(item);
    }
    heldEvents = [];
  });
})();
