/** The sidebar: small pictures of the pages, drawn as they come into view, and the outline where a document has one. */
import { find, findAll, make, on, onClick } from "../page/dom.js";

const THUMBNAIL_WIDTH = 110; // CSS pixels
const MAX_DEPTH = 6; // of the outline; deeper entries stand at this level

export function startSidebar({ eventBus, linkService, pdf, viewer }) {
  const sidebar = find("#viewer-sidebar");
  const thumbnails = find("#viewer-thumbnails");
  const outline = find("#viewer-outline");
  let isFilled = false;

  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) drawThumbnail(pdf, target);
      else releaseThumbnail(target);
    }
  }, { root: sidebar, rootMargin: "100% 0px" });

  const fill = async () => {
    isFilled = true;
    const { width, height } = (await pdf.getPage(1)).getViewport({ scale: 1 });
    for (let number = 1; number <= pdf.numPages; number += 1) {
      const button = make("button", { type: "button", className: "viewer-thumbnail", ariaLabel: `${thumbnails.dataset.page} ${number}` });
      button.dataset.page = number;
      button.style.setProperty("--ratio", String(width / height));
      button.append(make("span", { textContent: String(number) }));
      thumbnails.append(button);
      observer.observe(button);
    }
    markCurrent(thumbnails, viewer.currentPageNumber);
    const entries = await pdf.getOutline();
    find("[data-tab=outline]", sidebar).hidden = !entries?.length;
    if (entries?.length) outline.append(listOf(entries, linkService, 1));
  };

  on("click", async () => {
    sidebar.hidden = !sidebar.hidden;
    find("[data-sidebar]").ariaExpanded = String(!sidebar.hidden);
    if (!isFilled) await fill();
    find(`[data-page="${viewer.currentPageNumber}"]`, thumbnails)?.scrollIntoView({ block: "nearest" });
  }, find("[data-sidebar]"));
  onClick(".viewer-thumbnail", ({ dataset }) => { viewer.currentPageNumber = Number(dataset.page); });
  onClick("[data-tab]", ({ dataset }) => {
    for (const panel of [thumbnails, outline]) panel.hidden = panel.id !== `viewer-${dataset.tab}`;
    for (const tab of findAll("[data-tab]", sidebar)) tab.ariaPressed = String(tab.dataset.tab === dataset.tab);
  });
  eventBus.on("pagechanging", ({ pageNumber }) => markCurrent(thumbnails, pageNumber));
}

function markCurrent(thumbnails, number) {
  for (const current of findAll("[aria-current]", thumbnails)) current.removeAttribute("aria-current");
  find(`[data-page="${number}"]`, thumbnails)?.setAttribute("aria-current", "page");
}

async function drawThumbnail(pdf, button) {
  if (find("canvas", button)) return;
  const canvas = make("canvas", {});
  button.prepend(canvas);
  const page = await pdf.getPage(Number(button.dataset.page));
  const size = page.getViewport({ scale: 1 });
  const viewport = page.getViewport({ scale: (THUMBNAIL_WIDTH * Math.min(devicePixelRatio || 1, 2)) / size.width });
  button.style.setProperty("--ratio", String(size.width / size.height));
  canvas.width = Math.floor(viewport.width);
  canvas.height = Math.floor(viewport.height);
  await page.render({ canvas, viewport }).promise.catch(() => {});
}

function releaseThumbnail(button) {
  const canvas = find("canvas", button);
  if (!canvas) return;
  canvas.width = canvas.height = 0; // frees the pixels at once
  canvas.remove();
}

function listOf(entries, linkService, depth) {
  const list = make("ul", {});
  for (const entry of entries) {
    const item = make("li", {});
    const link = make("a", { textContent: entry.title, href: "#" });
    if (entry.url) linkService.addLinkAttributes(link, entry.url, entry.newWindow);
    else {
      link.href = linkService.getDestinationHash(entry.dest);
      on("click", (event) => {
        event.preventDefault();
        linkService.goToDestination(entry.dest);
      }, link);
    }
    item.append(link);
    if (entry.items?.length && depth < MAX_DEPTH) item.append(listOf(entry.items, linkService, depth + 1));
    list.append(item);
  }
  return list;
}
