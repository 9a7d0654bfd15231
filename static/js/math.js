/**
 * Typesets the marked formulas (`.math`), each once, in the order they came, as they scroll into view.
 *
 * The server has already decided what is math; MathJax is only handed those spans, so nothing else on the
 * page can be mistaken for a formula. Start at `typeset`.
 */
import { configureMathJax } from "./math-config.js";

const PENDING = ".math:not([data-math])";
let ready = null;
let queue = Promise.resolve();

/** Typeset every new formula below `root`; resolves when MathJax has taken them on. */
export function typeset(root = document) {
  const formulas = [...root.querySelectorAll(PENDING)];
  if (root instanceof Element && root.matches(PENDING)) formulas.unshift(root);
  if (!formulas.length) return queue;
  for (const formula of formulas) formula.dataset.math = "queued";
  // One chain for all batches: MathJax must not be re-entered while a font or an extension loads.
  queue = queue.then(load).then(() => typesetBatch(formulas)).catch(showSources);
  return queue;
}

/** Let MathJax forget the formulas below `root`, before they leave the page. */
export function forget(root) {
  if (ready && window.MathJax?.typesetClear) queue = queue.then(() => window.MathJax.typesetClear([root]));
}

async function typesetBatch(formulas) {
  const present = formulas.filter((formula) => formula.isConnected);
  await window.MathJax.typesetPromise(present);
  for (const formula of present) formula.dataset.math = "typeset";
}

function load() {
  ready ??= loadScript(new URL("../vendor/mathjax/startup.js", import.meta.url).href).then(
    () => window.MathJax.startup.promise,
  );
  return ready;
}

function loadScript(address) {
  configureMathJax(new URL("../vendor/", import.meta.url).pathname);
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error(`${address} did not load`)));
    document.head.append(script);
  });
}

/** MathJax is not to be had: the source, which CSS keeps hidden while it may still come, is shown instead. */
function showSources(error) {
  document.documentElement.classList.add("math-failed");
  console.warn("Formulas are shown as source:", error);
}
