/**
 * Follows a summary while it is written. The server renders the whole summary at each step; only changed blocks are
 * replaced, so that the text being read stays in place and formulas are typeset once.
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
    if (!section.isConnected) return source.close(); // the panel was closed; the server continues
    show(section, JSON.parse(data));
  }, source);
  on("done", () => {
    source.close();
    reload(section);
  }, source);
  on("error", () => {
    // The browser reopens a stream that ends, but not one that was refused because all are in use: then poll.
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
 * Replace the children of `container` by those of `html`, except children with the same source as before. Children from
 * the page itself are always replaced: MathJax may have changed them, so their source is unknown.
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

/** The indexes of the blocks of `after` that differ from `before`. */
export function changedBlocks(before, after) {
  return after.flatMap((source, index) => (before[index] === source ? [] : [index]));
}
