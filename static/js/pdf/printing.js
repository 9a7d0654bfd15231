/** Printing all pages. Browsers print what is on the page, so every page is drawn first, one after the other. */
import { find, make, on, say } from "../page/dom.js";

const DOTS_PER_POINT = 150 / 72;

export function startPrinting(pdf) {
  const paper = find("#viewer-paper");
  let isPreparing = false;

  const print = async () => {
    if (isPreparing) return;
    isPreparing = true;
    try {
      await drawAll(pdf, paper);
      window.print();
    } finally {
      isPreparing = false;
    }
  };
  on("click", print, find("[data-print]"));
  on("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "p") {
      event.preventDefault();
      print();
    }
  });
  on("afterprint", () => paper.replaceChildren(), window);
}

async function drawAll(pdf, paper) {
  paper.replaceChildren();
  for (let number = 1; number <= pdf.numPages; number += 1) {
    say(`${number} / ${pdf.numPages}`);
    const page = await pdf.getPage(number);
    const viewport = page.getViewport({ scale: DOTS_PER_POINT });
    const canvas = make("canvas", { width: Math.floor(viewport.width), height: Math.floor(viewport.height) });
    await page.render({ canvas, viewport, intent: "print" }).promise;
    const image = make("img", { src: canvas.toDataURL("image/png"), alt: String(number) });
    canvas.width = canvas.height = 0; // frees the pixels at once
    await image.decode();
    paper.append(image);
    page.cleanup();
  }
}
