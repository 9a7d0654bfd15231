/**
 * Typesets the marked formulas (`.math`), each once, shortly before they scroll into view.
 *
 * The server has already decided what is math; MathJax is only handed those spans, so nothing else on the page can
 * be mistaken for a formula. It forgets each as soon as it stands: a list of a thousand papers costs no more than
 * what is in view, and a part of the page may go without telling. Start at `typeset`.
 */
import { findAll, make, on, within } from "../page/dom.js";
import { configureMathJax } from "./math-config.js";

const PENDING = ".math:not([data-math])";
const AHEAD = "1600px 0px"; // at 800 px a list scrolled at 100 px a frame moved under its late formulas
const AT_ONCE = 4; // formulas out of view set without a pause: a key pressed meanwhile waits for no more than these
const BUSY_MS = 16; // so long they wait for a moment in which nothing else is to do: a press is painted first
const FONT_FOLDER = "mathjax-fonts/mathjax-newcm-font/chtml/woff2/mjx-ncm-";
const FONTS = { "MJX-NCM-ZERO": "zero", "MJX-BRK": "brk", "MJX-NCM-N": "n" }; // family: end of its file's name
let ready = null;
let observer = null;
let queue = Promise.resolve();
let later = []; // formulas that are nearly in view

/** Typeset the new formulas below `root`, those in view first and each other when it is nearly in view. */
export function typeset(root = document) {
  const formulas = within(PENDING, root);
  if (!formulas.length) return;
  load().catch(showSources); // while the page is laid out
  observer ??= observe();
  for (const formula of formulas) {
    formula.dataset.math = "waiting";
    observer.observe(formula);
  }
}

export { typeset as start };

function observe() {
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

/** Between two batches what is in view is painted, and keys are heard. */
async function setLater() {
  while (later.length) {
    await new Promise((resolve) => {
      if (window.requestIdleCallback) requestIdleCallback(resolve, { timeout: BUSY_MS });
      else setTimeout(resolve);
    });
    enqueue(later.slice(0, AT_ONCE));
    await queue;
    later = later.slice(AT_ONCE);
  }
}

/** One chain for all batches: MathJax must not be re-entered while a font or an extension loads. */
function enqueue(formulas) {
  formulas = formulas.filter(({ dataset }) => dataset.math === "waiting"); // not those on their way for another reason
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
    formula.dataset.math = "setting"; // measures are taken now, without what CSS does to a source that waits
  }
  let state = "typeset";
  try {
    await window.MathJax.typesetPromise(present);
  } catch (error) {
    // A font or an extension that did not come. One formula that wants it must not cost the others.
    state = "failed";
    console.warn("a formula is shown as source:", error);
  }
  window.MathJax.startup.document.clear();
  if (state === "failed" && present.length > 1) {
    for (const formula of present) await typesetBatch([formula]);
  } else for (const formula of present) formula.dataset.math = state;
}

async function loadAll() {
  // This code runs from its own file or from the bundle: both are somewhere below js/, beside vendor/.
  const vendor = new URL(import.meta.url.replace(/\/js\/(?!.*\/js\/).*/, "/vendor/"));
  configureMathJax(vendor.pathname);
  const fonts = Object.entries(FONTS).map(([family, file]) => loadFont(family, new URL(`${FONT_FOLDER}${file}.woff2`, vendor)));
  await loadScript(new URL("mathjax/startup.js", vendor).href);
  await Promise.all([window.MathJax.startup.promise, ...fonts]);
}

function load() {
  ready ??= loadAll();
  return ready;
}

/** One without which every formula would first stand in another font, higher, and then jump. */
async function loadFont(family, address) {
  try {
    document.fonts.add(await new FontFace(family, `url(${address.href})`).load());
  } catch (error) {
    console.warn(`${address} did not load:`, error); // MathJax asks again
  }
}

function loadScript(address) {
  return new Promise((resolve, reject) => {
    const onerror = () => reject(new Error(`${address} did not load`));
    document.head.append(make("script", { src: address, onload: resolve, onerror }));
  });
}

/** MathJax is not to be had: the source, which CSS keeps hidden while it may still come, is shown instead. */
function showSources(error) {
  document.documentElement.classList.add("math-failed");
  console.warn("Formulas are shown as source:", error);
}
