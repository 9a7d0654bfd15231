/**
 * Typesets the formulas (`.math`), each once, shortly before they scroll into view. Start at `typeset`.
 *
 * The server marks the formulas; MathJax gets only those elements, so no other text can become a formula. MathJax keeps
 * no reference to a typeset formula: the cost of a long list is that of the formulas in view, and parts of the page may
 * be removed at any time.
 */
import { findAll, make, on, within } from "../page/dom.js";
import { configureMathJax } from "./math-config.js";
import { markWide } from "./math-width.js";

const PENDING = ".math:not([data-math])";
const AHEAD = "1600px 0px"; // with 800 px, formulas of a list scrolled by 100 px per frame were typeset in view
const BATCH = 4; // formulas out of view that are typeset without a pause; input waits for one batch at most
const IDLE_TIMEOUT_MS = 16; // the longest wait of a batch for an idle moment, so that input is handled and painted first
const FONT_FOLDER = "mathjax-fonts/mathjax-newcm-font/chtml/woff2/mjx-ncm-";
const FONTS = { "MJX-NCM-ZERO": "zero", "MJX-BRK": "brk", "MJX-NCM-N": "n" }; // family: end of the file name
let ready = null;
let observer = null;
let queue = Promise.resolve();
let later = []; // formulas close to the view

/** Typeset the new formulas below `root`: those in view first, the others when they come close to the view. */
export function typeset(root = document) {
  const formulas = within(PENDING, root);
  if (!formulas.length) return;
  load().catch(showSources); // starts before the layout
  observer ??= observe();
  for (const formula of formulas) {
    formula.dataset.math = "waiting";
    observer.observe(formula);
  }
}

export { typeset as start };

function observe() {
  on("resize", () => requestAnimationFrame(() => markWide(findAll(".math[data-math=typeset]"))), window);
  on("beforeprint", () => enqueue(findAll(".math[data-math=waiting]")), window);
  return new IntersectionObserver(takeNear, { rootMargin: AHEAD });
}

function takeNear(entries) {
  const near = entries.filter((entry) => entry.isIntersecting);
  const isInView = ({ boundingClientRect: box }) => box.bottom > 0 && box.top < innerHeight;
  const targets = (some) => some.map(({ target }) => target);
  enqueue(targets(near.filter(isInView)));
  const isWorking = later.length;
  later.push(...targets(near.filter((entry) => !isInView(entry))));
  if (!isWorking) setLater();
}

/** Typeset the formulas out of view in batches; the page paints and handles input between them. */
async function setLater() {
  while (later.length) {
    await new Promise((resolve) => {
      if (window.requestIdleCallback) requestIdleCallback(resolve, { timeout: IDLE_TIMEOUT_MS });
      else setTimeout(resolve);
    });
    const batch = later.slice(0, BATCH);
    enqueue(batch);
    await queue; // meanwhile others may have come
    later = later.slice(batch.length);
  }
}

/** Queue a batch: MathJax must not run again while it loads a font or an extension. */
function enqueue(formulas) {
  formulas = formulas.filter(({ dataset }) => dataset.math === "waiting"); // others are queued already
  if (!formulas.length) return;
  for (const formula of formulas) {
    observer.unobserve(formula);
    formula.dataset.math = "queued";
  }
  queue = queue.then(load).then(() => typesetBatch(formulas)).catch(showSources);
}

async function typesetBatch(formulas) {
  const present = formulas.filter((formula) => formula.isConnected);
  for (const formula of present) {
    formula.tex = formula.textContent;
    formula.dataset.math = "setting"; // MathJax measures now: CSS for waiting formulas must not apply
  }
  let state = "typeset";
  try {
    await window.MathJax.typesetPromise(present);
  } catch (error) {
    // A font or an extension did not load. The formulas that do not need it are typeset one by one below.
    state = "failed";
    console.warn("A formula is shown as source:", error);
  }
  window.MathJax.startup.document.clear();
  if (state === "failed" && present.length > 1) {
    for (const formula of present) await typesetBatch([formula]);
    return;
  }
  for (const formula of present) formula.dataset.math = state;
  markWide(present);
}

async function loadAll() {
  const vendor = new URL(document.documentElement.dataset.vendor, document.baseURI);
  configureMathJax(vendor.pathname);
  const fonts = Object.entries(FONTS).map(([family, file]) => loadFont(family, new URL(`${FONT_FOLDER}${file}.woff2`, vendor)));
  await loadScript(new URL("mathjax/startup.js", vendor).href);
  await Promise.all([window.MathJax.startup.promise, ...fonts]);
}

function load() {
  ready ??= loadAll();
  return ready;
}

/** Load a font that all formulas need: without it they would change their height when it arrives. */
async function loadFont(family, address) {
  try {
    document.fonts.add(await new FontFace(family, `url(${address.href})`).load());
  } catch (error) {
    console.warn(`${address} did not load:`, error); // MathJax retries
  }
}

function loadScript(address) {
  return new Promise((resolve, reject) => {
    const onerror = () => reject(new Error(`${address} did not load`));
    document.head.append(make("script", { src: address, onload: resolve, onerror }));
  });
}

/** Show formulas as source when MathJax does not load; CSS hides them while they wait. */
function showSources(error) {
  document.documentElement.classList.add("math-failed");
  console.warn("Formulas are shown as source:", error);
}
