/**
 * Starts the features that a page needs: on load, and again for each part that htmx inserts, a feature starts when an
 * element matches its selector. Browsers load all features as one file (coolpapers/base/storage.py).
 *
 * To add a feature, write one file, import it here and add one line to FEATURES. Its `start` takes the new part of the
 * page and must be idempotent.
 */
import { start as startDensity } from "./cards/density.js";
import { start as startFilter } from "./cards/filter.js";
import { start as startFlags } from "./cards/flags.js";
import { start as startMenu } from "./cards/menu.js";
import { start as startPane } from "./cards/pane.js";
import { start as startPlace } from "./cards/place.js";
import { start as startProgress } from "./cards/progress.js";
import { start as startSelection } from "./cards/selection.js";
import { start as startState } from "./cards/state.js";
import { start as startSwipe } from "./cards/swipe.js";
import { start as startChart } from "./finding/chart.js";
import { start as startPreference } from "./finding/preference.js";
import { start as startSuggest } from "./finding/suggest.js";
import { start as startCollections } from "./people/collections.js";
import { start as startPersonal } from "./people/personal.js";
import { start as startSync } from "./people/sync.js";
import { start as startCopy } from "./page/copy.js";
import { on } from "./page/dom.js";
import { start as startKeys } from "./page/keys.js";
import { start as startPanels } from "./page/panels.js";
import { start as startPicks } from "./page/picks.js";
import { start as startMath } from "./reading/math.js";
import { start as startMathCopy } from "./reading/math-copy.js";
import { start as startPdf } from "./reading/pdf.js";
import { start as startSummary } from "./reading/summary.js";

const FEATURES = [
  ["input[data-suggest]", startSuggest],
  [".math", startMath],
  [".math", startMathCopy],
  [".card, .detail", startMenu],
  [".card, .detail", startPanels],
  [".cards[data-size]", startPlace],
  [".card", startPane],
  ["[data-swipe]", startSwipe],
  ["[data-density]", startDensity],
  [".pick, .tri", startPicks],
  ["[data-span]", startChart],
  ["[data-action='copy'], [data-copy-from]", startCopy],
  ["[data-events]", startSummary],
  ["[data-pdf-frame]", startPdf],
  ["[data-key], [data-list-state]", startState],
  ["[data-day-keys]", startProgress],
  ["[data-flags]", startFlags],
  ["[data-list], [data-word-cloud]", startPersonal],
  ["[data-account], [data-forget]", startSync],
  [".card", startFilter],
  [".select-box", startSelection],
  ["[data-preference]", startPreference],
  ["[data-local], [data-writes]", startCollections],
  ["body", startKeys],
];

export async function startFeatures(root = document, features = FEATURES) {
  const needed = features.filter(([selector]) => root.matches?.(selector) || root.querySelector(selector));
  await Promise.all(
    needed.map(async ([selector, start]) => {
      try {
        await start(root);
      } catch (error) {
        // The other features still start when one fails.
        console.error(selector, error);
      }
    }),
  );
}

/** Start the features of a new part of the page. Until then early_events.js holds events on it. */
async function startPart(part, root = part) {
  part.dataset.features = "starting";
  await startFeatures(root);
  part.dataset.features = "started";
  document.dispatchEvent(new Event("coolpapers:started"));
}

if (typeof document !== "undefined") {
  // htmx also initializes on DOMContentLoaded, and before this: its script comes first.
  on("DOMContentLoaded", () => startPart(document.documentElement, document));
  on("htmx:load", ({ target }) => target !== document.body && startPart(target));
}
