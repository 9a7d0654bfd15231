/**
 * Copies TeX instead of glyphs: a copied selection contains its formulas as $…$ or $$…$$, and a click on a formula
 * copies that formula.
 */
import { find, findAll, make, on, once, onClick, say } from "../page/dom.js";

/** The TeX of a `.math` element without delimiters: its property `tex` once typeset, before that its text. */
export function texOf(formula) {
  return (formula.tex ?? formula.textContent).trim().replace(/^\\[([]|\\[)\]]$/g, "").trim();
}

/** The formula with dollar signs. */
export function delimitedTex(formula) {
  const tex = texOf(formula);
  return formula.classList.contains("math-display") ? `$$${tex}$$` : `$${tex}$`;
}

/** The text of a range in which each formula, also a partly selected one, is complete TeX. */
export function textWithTex(range) {
  const formulas = findAll(".math").filter((formula) => range.intersectsNode(formula));
  if (!formulas.length) return null;
  const whole = range.cloneRange();
  const [first, last] = [formulas[0], formulas.at(-1)];
  if (first.contains(whole.startContainer)) whole.setStartBefore(first);
  if (last.contains(whole.endContainer)) whole.setEndAfter(last);
  const holder = make("div", { className: "visually-hidden" });
  holder.append(whole.cloneContents());
  findAll(".math", holder).forEach((copy, i) => copy.replaceWith(delimitedTex(formulas[i])));
  document.body.append(holder);
  const text = holder.innerText; // needs layout, so that paragraphs end with a line break
  holder.remove();
  return text;
}

function onCopy(event) {
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return;
  const text = textWithTex(selection.getRangeAt(0));
  if (text === null) return;
  event.clipboardData.setData("text/plain", text);
  event.preventDefault();
}

async function copyFormula(formula, { target }) {
  if (target.closest("a, button") || !document.getSelection().isCollapsed) return;
  try {
    await navigator.clipboard.writeText(texOf(formula));
  } catch {
    return; // no permission: the reader can still select and copy
  }
  formula.classList.add("math-copied");
  setTimeout(() => formula.classList.remove("math-copied"), 900);
  say(find("#said")?.dataset.copied);
}

export const start = once(() => {
  on("copy", onCopy);
  onClick(".math[data-math=typeset]", copyFormula);
});
