/**
 * The viewer inside a frame or a tab of its own, with PDF.js. Pages are boxes of the right size from the start;
 * only those near the view hold a canvas.
 */
import { GlobalWorkerOptions, TextLayer, getDocument } from "../../vendor/pdfjs/pdf.min.mjs";
import { find, findAll, focused, make, on, onClick } from "../page/dom.js";

const NEAR = "100% 0px"; // a page above and below the view
const ZOOM_STEP = 1.2;
const MAX_PIXELS = 8_000_000; // of one canvas; beyond it phones run out of memory

const { file, worker, vendor } = document.body.dataset;
const pages = find(".viewer-pages");
const pageInput = find(".viewer-page");
const boxes = [];
let pdf = null;
let zoom = 1;
let current = 1;

GlobalWorkerOptions.workerSrc = worker;

async function open() {
  const task = getDocument({
    url: file,
    cMapUrl: `${vendor}cmaps/`,
    standardFontDataUrl: `${vendor}standard_fonts/`,
    wasmUrl: `${vendor}wasm/`,
    iccUrl: `${vendor}iccs/`,
    useWasm: false, // the content policy forbids compiling; the decoders have a plain way too
    disableAutoFetch: true, // fetch the ranges that are looked at
    enableXfa: false,
  });
  pdf = await task.promise;
  find(".viewer-count").textContent = `/ ${pdf.numPages}`;
  const first = (await pdf.getPage(1)).getViewport({ scale: 1 });
  for (let number = 1; number <= pdf.numPages; number += 1) addBox(number, first);
  find("p.viewer-message").remove();
  goTo(Number(/page=(\d+)/.exec(location.hash)?.[1] ?? 1));
}

function addBox(number, { width, height }) {
  const box = make("section", { className: "viewer-sheet", ariaLabel: String(number), size: { width, height } });
  box.dataset.page = number;
  boxes.push(box);
  resize(box);
  pages.append(box);
  drawn.observe(box);
  seen.observe(box);
}

/** CSS pixels a PDF point takes: a page is as wide as the view, times the reader's zoom. */
function scaleOf(box) {
  return ((pages.clientWidth - 24) / box.size.width) * zoom;
}

function resize(box) {
  const scale = scaleOf(box);
  box.style.width = `${Math.floor(box.size.width * scale)}px`;
  box.style.height = `${Math.floor(box.size.height * scale)}px`;
  box.style.setProperty("--total-scale-factor", scale);
  box.style.setProperty("--scale-factor", scale);
}

const drawn = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) draw(target);
      else clear(target);
    }
  },
  { root: pages, rootMargin: NEAR },
);

const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, intersectionRatio, isIntersecting } of entries) target.ratio = isIntersecting ? intersectionRatio : 0;
    const best = boxes.reduce((a, b) => ((b.ratio ?? 0) > (a?.ratio ?? 0) ? b : a), null);
    if (best) setCurrent(Number(best.dataset.page));
  },
  { root: pages, threshold: [0, 0.25, 0.5, 0.75, 1] },
);

async function draw(box) {
  if (box.drawing) return;
  const drawing = (box.drawing = { scale: scaleOf(box) });
  const page = await pdf.getPage(Number(box.dataset.page));
  if (box.drawing !== drawing) return;
  const size = page.getViewport({ scale: 1 });
  if (Math.abs(size.width - box.size.width) > 1 || Math.abs(size.height - box.size.height) > 1) {
    box.size = { width: size.width, height: size.height };
    resize(box);
    drawing.scale = scaleOf(box);
  }
  const viewport = page.getViewport({ scale: drawing.scale });
  const density = Math.min(devicePixelRatio || 1, Math.sqrt(MAX_PIXELS / (viewport.width * viewport.height)));
  const canvas = make("canvas", {
    width: Math.floor(viewport.width * density),
    height: Math.floor(viewport.height * density),
  });
  drawing.task = page.render({ canvas, viewport, transform: [density, 0, 0, density, 0, 0] });
  try {
    await drawing.task.promise;
  } catch (error) {
    if (error?.name !== "RenderingCancelledException") console.warn("page", box.dataset.page, error);
    return;
  }
  if (box.drawing !== drawing) return;
  const text = make("div", { className: "textLayer" });
  box.replaceChildren(canvas, text);
  await new TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport }).render();
}

function clear(box) {
  box.drawing?.task?.cancel();
  box.drawing = null;
  for (const canvas of findAll("canvas", box)) canvas.width = canvas.height = 0; // frees the pixels at once
  box.replaceChildren();
}

function setCurrent(number) {
  if (number === current) return;
  current = number;
  if (focused() !== pageInput) pageInput.value = String(number);
  if (parent !== window) parent.postMessage({ type: "pdf-page", page: number }, location.origin);
}

function goTo(number) {
  const box = boxes[Math.min(Math.max(1, number || 1), boxes.length) - 1];
  box?.scrollIntoView({ block: "start" });
}

function changeZoom(factor) {
  const top = boxes[current - 1];
  zoom = Math.min(6, Math.max(0.25, zoom * factor));
  redraw();
  top?.scrollIntoView({ block: "start" });
}

function redraw() {
  for (const box of boxes) {
    clear(box);
    resize(box);
    drawn.unobserve(box);
    drawn.observe(box); // tells its place again, and so draws what is near
  }
}

function fail(error) {
  const shown = find("#viewer-failed").content.cloneNode(true);
  for (const message of findAll("p.viewer-message")) message.remove();
  document.body.append(shown);
  // A server that could not fetch the file says why in one line.
  fetch(file, { headers: { Range: "bytes=0-0" } })
    .then((response) => (response.ok ? "" : response.text()))
    .then((reason) => {
      const place = find("[data-reason]");
      if (reason.length < 300) place.textContent = reason;
    })
    .catch(() => {});
  console.warn("the PDF cannot be shown", error);
}

onClick(".viewer-bar button", ({ dataset: { step, zoom: way } }) => {
  if (step) goTo(current + Number(step));
  if (way) changeZoom(way === "in" ? ZOOM_STEP : 1 / ZOOM_STEP);
});
on("change", () => goTo(Number(pageInput.value)), pageInput);
let resizing = 0;
let width = innerWidth;
const followWidth = () => {
  if (innerWidth === width) return; // a phone's address bar came or went
  width = innerWidth;
  clearTimeout(resizing);
  resizing = setTimeout(redraw, 150);
};
on("resize", followWidth, window);

open().catch(fail);
