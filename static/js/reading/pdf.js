/**
 * PDFs inside a list: of all open PDFs only the one most in view has a viewer; the others are empty boxes of the same
 * height that remember their page. So thirty open PDFs need the memory of one.
 */
import { find, findAll, make, on } from "../page/dom.js";

const frames = new Set();
let alive = null;
let observer = null;

export function start(root) {
  for (const box of findAll("[data-pdf-frame]", root)) {
    if (frames.has(box)) continue;
    frames.add(box);
    box.ratio = 0;
    observer ??= observe();
    observer.observe(box);
  }
}

function observe() {
  on("message", rememberPage, window);
  return new IntersectionObserver(noteChanges, { threshold: [0, 0.1, 0.25, 0.5, 0.75, 1] });
}

function noteChanges(entries) {
  for (const { target, isIntersecting, intersectionRatio } of entries) {
    target.ratio = isIntersecting ? Math.max(intersectionRatio, 0.001) : 0;
  }
  for (const box of frames) {
    if (box.isConnected) continue;
    observer.unobserve(box);
    frames.delete(box);
    if (alive === box) alive = null;
  }
  const best = chooseAlive([...frames], alive);
  if (best === alive) return;
  if (alive) rest(alive);
  if (best) wake(best);
}

/**
 * Choose which of `boxes` (each with `ratio`, its share in view) has the viewer. The current one keeps it until another
 * is clearly more in view, or until it is out of view.
 */
export function chooseAlive(boxes, current) {
  const best = boxes.reduce((a, b) => (b.ratio > (a?.ratio ?? 0) ? b : a), null);
  if (!current || current.ratio === 0) return best;
  return best && best.ratio >= current.ratio + 0.2 ? best : current;
}

function wake(box) {
  alive = box;
  const { title, pdfFrame, page = 1 } = box.dataset;
  box.append(make("iframe", { title, src: `${pdfFrame}#page=${page}` }));
}

function rest(box) {
  find("iframe", box)?.remove();
  if (alive === box) alive = null;
}

function rememberPage(event) {
  if (event.origin !== location.origin || event.data?.type !== "pdf-page") return;
  const box = [...frames].find((candidate) => find("iframe", candidate)?.contentWindow === event.source);
  if (box) box.dataset.page = String(Number(event.data.page) || 1);
}
