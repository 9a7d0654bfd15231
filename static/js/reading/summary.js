/**
 * Follows a summary while it is written. The server renders all of it at each step; only blocks that changed are
 * replaced, so what is being read stays in place and formulas are typeset once.
 */
import { find, on, within } from "../page/dom.js";
import { typeset } from "./math.js";

const POLL_MS = 3000;

export function start(root) {
  for (const section of within("[data-events]", root)) follow(section);
}

function follow(section) {
  if (section.following) return;
  const source = (section.following = new EventSource(section.dataset.events));
  on("progress", ({ data }) => {
    if (!section.isConnected) return source.close(); // the panel was closed; the summary goes on without us
    show(section, JSON.parse(data));
  }, source);
  on("done", () => {
    source.close();
    reload(section);
  }, source);
  on("error", () => {
    // A stream that ends is opened again by the browser. One that is refused (all are taken) is not: then ask.
    if (source.readyState === EventSource.CLOSED) setTimeout(reload, POLL_MS, section);
  }, source);
}

function reload(section) {
  if (section.isConnected) htmx.ajax("GET", section.dataset.path, { target: section, swap: "outerHTML" });
}

function show(section, { state, html }) {
  const line = find(".summary-state", section);
  if (line && line.textContent !== state) line.textContent = state;
  patchBlocks(find("[data-growing]", section), html);
}

/**
 * Make the children of `container` those of `html`, keeping every one whose source is the same as before. What the page
 * came with is replaced once: MathJax may have been at it, so its source is no longer known.
 */
export function patchBlocks(container, html) {
  const blocks = [...new DOMParser().parseFromString(html, "text/html").body.children];
  const sources = blocks.map((block) => block.outerHTML);
  for (const index of changedBlocks(container.blockSources ?? [], sources)) {
    const fresh = document.importNode(blocks[index], true);
    const old = container.children[index];
    if (old) old.replaceWith(fresh);
    else container.append(fresh);
    typeset(fresh);
  }
  while (container.children.length > blocks.length) container.lastElementChild.remove();
  container.blockSources = sources;
}

/** Indexes of the blocks in `after` that are not what they were in `before`. */
export function changedBlocks(before, after) {
  return after.flatMap((source, index) => (before[index] === source ? [] : [index]));
}
