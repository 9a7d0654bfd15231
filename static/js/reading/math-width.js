/** Inline formulas that are wider than their line and that MathJax cannot break: math.css lets them scroll. */

/** Mark those of the typeset `formulas` that do not fit. They keep the mark: in a wider line it changes nothing. */
export function markWide(formulas) {
  const wide = formulas.filter((formula) => formula.matches(".math-inline:not([data-wide])") && widthOf(formula) > lineWidth(formula));
  for (const formula of wide) formula.dataset.wide = "";
}

const widthOf = (element) => Math.floor(element.getBoundingClientRect().width);

function lineWidth(formula) {
  let block = formula.parentElement;
  while (getComputedStyle(block).display === "inline") block = block.parentElement;
  return block.clientWidth;
}
