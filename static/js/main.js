/**
 * Starts what a page needs, when it needs it: a feature's file is fetched once something on the page matches
 * its selector, on load and again for every part that htmx brings in.
 *
 * To add a feature: one file, one line in FEATURES. Its `start` takes the new part of the page and must bear being
 * called twice on it.
 */
const FEATURES = [
  ["input[data-suggest]", () => import("./suggest.js")],
  [".math", () => import("./math.js")],
  [".math", () => import("./math-copy.js")],
  ["[data-panel]", () => import("./panels.js")],
  ["[data-action='copy'], [data-copy-from]", () => import("./copy.js")],
  ["[data-events]", () => import("./summary.js")],
  ["[data-pdf-frame]", () => import("./pdf.js")],
  ["[data-key], [data-list-state]", () => import("./state.js")],
  ["[data-flags]", () => import("./flags.js")],
  ["[data-shelf], [data-word-cloud]", () => import("./personal.js")],
  ["[data-account], [data-forget]", () => import("./sync.js")],
  [".card", () => import("./filter.js")],
  [".mark", () => import("./marks.js")],
  ["[data-preference]", () => import("./preference.js")],
  ["[data-local], [data-writes]", () => import("./collections.js")],
  ["body", () => import("./keys.js")],
];

export async function startFeatures(root = document, features = FEATURES) {
  const wanted = features.filter(([selector]) => root.matches?.(selector) || root.querySelector(selector));
  await Promise.all(
    wanted.map(async ([selector, load]) => {
      try {
        (await load()).start(root);
      } catch (error) {
        // One feature that breaks costs its own part of the page only.
        console.error(selector, error);
      }
    }),
  );
}

/** Start a new part of the page; presses on it wait meanwhile (held.js). */
async function startPart(part, root = part) {
  part.dataset.features = "starting";
  await startFeatures(root);
  part.dataset.features = "started";
  document.dispatchEvent(new Event("coolpapers:started"));
}

if (typeof document !== "undefined") {
  // Not before htmx, which knows the page from this event on.
  document.addEventListener("DOMContentLoaded", () => startPart(document.documentElement, document));
  document.addEventListener("htmx:load", ({ target }) => target !== document.body && startPart(target));
}
