/**
 * The PDF viewer, a page of its own inside a frame or a tab, on PDF.js's viewer components: they draw pages and their
 * text, keep a bounded number of them in memory, find words, follow links and know right-to-left documents. The address
 * may name a page and a phrase: `#page=7&search=neural+network`.
 */
import "../../vendor/pdfjs/pdf.min.mjs";
import { EventBus, LinkTarget, PDFFindController, PDFLinkService, PDFViewer } from "../../vendor/pdfjs/pdf_viewer.mjs";
import { find, focused, on, onClick } from "../page/dom.js";
import { startFindBar } from "./find-bar.js";
import { explain, openDocument, warnOfScan } from "./opening.js";
import { startPrinting } from "./printing.js";
import { startSidebar } from "./sidebar.js";

const MAX_PIXELS = 2 ** 25; // of one canvas; PDF.js lowers the resolution of larger pages
const container = find("#viewer-container");
const pageInput = find(".viewer-page");
const eventBus = new EventBus();
const linkService = new PDFLinkService({ eventBus, externalLinkTarget: LinkTarget.BLANK });
const findController = new PDFFindController({ eventBus, linkService });
const viewer = new PDFViewer({ container, eventBus, linkService, findController, maxCanvasPixels: MAX_PIXELS });
linkService.setViewer(viewer);

const findBar = startFindBar({ eventBus, focusPages: () => container.focus() });

function readAddress() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  return { page: Number(parameters.get("page")) || 1, phrase: parameters.get("search") ?? "" };
}

function goToAddress() {
  const { page, phrase } = readAddress();
  viewer.currentPageNumber = Math.min(Math.max(1, page), viewer.pagesCount);
  if (phrase) findBar.search(phrase);
}

async function open() {
  const pdf = await openDocument();
  viewer.setDocument(pdf);
  linkService.setDocument(pdf);
  find(".viewer-count").textContent = `/ ${pdf.numPages}`;
  startSidebar({ eventBus, linkService, pdf, viewer });
  startPrinting(pdf);
  warnOfScan(pdf);
}

function focusUnlessTyping() {
  if (!focused()?.closest(".viewer-bar, .viewer-find")) HTMLElement.prototype.focus.call(this, { preventScroll: true });
}

eventBus.on("pagesinit", () => {
  viewer.currentScaleValue = "page-width";
  find(".viewer-loading")?.remove();
  goToAddress();
});
eventBus.on("pagechanging", ({ pageNumber }) => {
  if (focused() !== pageInput) pageInput.value = String(pageNumber);
  if (parent !== window) parent.postMessage({ type: "pdf-page", page: pageNumber }, location.origin);
});

// After a jump PDF.js moves the focus to the text of its page as soon as that is drawn, which may be long after. It must
// not take it from a reader who is typing in a bar by then, nor scroll back to the page.
eventBus.on("pagerender", ({ source: { textLayer } }) => {
  if (textLayer) textLayer.div.focus = focusUnlessTyping;
});

const COMMANDS = {
  previous: () => viewer.previousPage(),
  next: () => viewer.nextPage(),
  smaller: () => viewer.decreaseScale(),
  larger: () => viewer.increaseScale(),
  width: () => { viewer.currentScaleValue = "page-width"; },
  rotate: () => { viewer.pagesRotation = (viewer.pagesRotation + 90) % 360; },
  find: () => findBar.toggle(),
};
onClick("[data-viewer]", ({ dataset }) => COMMANDS[dataset.viewer]?.());
on("change", () => { viewer.currentPageNumber = Math.min(Math.max(1, Number(pageInput.value) || 1), viewer.pagesCount); }, pageInput);
on("hashchange", goToAddress, window);
on("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "f") {
    event.preventDefault();
    findBar.open();
  }
});

// A page that fits the width goes on fitting it; a phone's address bar changes the height alone.
let width = container.clientWidth;
new ResizeObserver(() => {
  if (container.clientWidth === width) return;
  width = container.clientWidth;
  if (viewer.pagesCount && viewer.currentScaleValue === "page-width") viewer.currentScaleValue = "page-width";
}).observe(container);

open().catch(explain);
