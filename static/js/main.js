/**
 * Starts what a page needs, when it needs it: a feature's file is fetched once something on the page matches
 * its selector, on load and again for every part that htmx brings in.
 *
 * To add a feature: one file, one line in FEATURES. Its start function takes the new part of the page and must
 * bear being called twice on it.
 */
const FEATURES = [
  { selector: "input[data-suggest]", load: () => import("./suggest.js"), start: "startSuggest" },
  { selector: ".math", load: () => import("./math.js"), start: "typeset" },
  { selector: "[data-panel]", load: () => import("./panels.js"), start: "startPanels" },
  { selector: "[data-action='copy'], [data-copy-from]", load: () => import("./copy.js"), start: "startCopy" },
  { selector: "[data-events]", load: () => import("./summary.js"), start: "startSummary" },
  { selector: "[data-pdf-frame]", load: () => import("./pdf.js"), start: "startPdfFrames" },
  { selector: "[data-key], [data-list-state]", load: () => import("./state.js"), start: "startState" },
  { selector: "[data-flags]", load: () => import("./flags.js"), start: "startFlags" },
  { selector: "[data-shelf]", load: () => import("./personal.js"), start: "startPersonal" },
  { selector: "[data-account], [data-forget]", load: () => import("./sync.js"), start: "startSync" },
  { selector: ".card", load: () => import("./filter.js"), start: "startFilter" },
  { selector: ".mark", load: () => import("./marks.js"), start: "startMarks" },
  { selector: "[data-word-cloud]", load: () => import("./words.js"), start: "startWords" },
  { selector: "[data-preference]", load: () => import("./preference.js"), start: "startPreference" },
  { selector: "[data-local], [data-writes]", load: () => import("./collections.js"), start: "startKept" },
  { selector: "body", load: () => import("./keys.js"), start: "startKeys" },
];

export async function startFeatures(root = document, features = FEATURES) {
  const wanted = features.filter(({ selector }) => root.matches?.(selector) || root.querySelector(selector));
  await Promise.all(
    wanted.map(async ({ load, start }) => {
      try {
        (await load())[start](root);
      } catch (error) {
        // One feature that breaks costs its own part of the page only.
        console.error(`${start} failed`, error);
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
