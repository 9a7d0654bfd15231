/**
 * Starts what a page needs: a feature, once something on the page matches its selector, on load and again for every part
 * that htmx brings in. Browsers get all of them as one file (coolpapers/base/storage.py).
 *
 * To add a feature: one file, its import, one line in FEATURES. Its `start` takes the new part of the page and must bear
 * being called twice on it.
 */
import { start as startCollections } from "./collections.js";
import { start as startCopy } from "./copy.js";
import { on } from "./dom.js";
import { start as startFilter } from "./filter.js";
import { start as startFlags } from "./flags.js";
import { start as startKeys } from "./keys.js";
import { start as startMarks } from "./marks.js";
import { start as startMathCopy } from "./math-copy.js";
import { start as startMath } from "./math.js";
import { start as startPanels } from "./panels.js";
import { start as startPdf } from "./pdf.js";
import { start as startPersonal } from "./personal.js";
import { start as startPreference } from "./preference.js";
import { start as startState } from "./state.js";
import { start as startSuggest } from "./suggest.js";
import { start as startSummary } from "./summary.js";
import { start as startSync } from "./sync.js";

const FEATURES = [
  ["input[data-suggest]", startSuggest],
  [".math", startMath],
  [".math", startMathCopy],
  ["[data-panel]", startPanels],
  ["[data-action='copy'], [data-copy-from]", startCopy],
  ["[data-events]", startSummary],
  ["[data-pdf-frame]", startPdf],
  ["[data-key], [data-list-state]", startState],
  ["[data-flags]", startFlags],
  ["[data-shelf], [data-word-cloud]", startPersonal],
  ["[data-account], [data-forget]", startSync],
  [".card", startFilter],
  [".mark", startMarks],
  ["[data-preference]", startPreference],
  ["[data-local], [data-writes]", startCollections],
  ["body", startKeys],
];

export async function startFeatures(root = document, features = FEATURES) {
  const wanted = features.filter(([selector]) => root.matches?.(selector) || root.querySelector(selector));
  await Promise.all(
    wanted.map(async ([selector, start]) => {
      try {
        await start(root);
      } catch (error) {
        // One feature that breaks costs its own part of the page only.
        console.error(selector, error);
      }
    }),
  );
}

/** Start a new part of the page; presses on it wait meanwhile (early_events.js). */
async function startPart(part, root = part) {
  part.dataset.features = "starting";
  await startFeatures(root);
  part.dataset.features = "started";
  document.dispatchEvent(new Event("coolpapers:started"));
}

if (typeof document !== "undefined") {
  // Not before htmx, which knows the page from this event on.
  on("DOMContentLoaded", () => startPart(document.documentElement, document));
  on("htmx:load", ({ target }) => target !== document.body && startPart(target));
}
