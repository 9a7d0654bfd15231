/**
 * How MathJax is set up here, and why. `configureMathJax` must run before its script loads.
 *
 * Formulas come from strangers: `ui/safe` drops links to scripts, styles, classes and ids; definitions are
 * off because a \def in one abstract would change the next; everything is served by this site.
 */
const MACROS = {
  label: ["", 1],
  bm: ["\\boldsymbol{#1}", 1],
  R: "\\mathbb{R}",
  textsc: ["\\text{#1}", 1],
  part: "\\partial",
  infin: "\\infty",
  mathds: ["\\mathbb{#1}", 1],
  empty: "\\emptyset",
  O: "\\varnothing",
  argmax: "\\operatorname*{arg\\,max}",
  argmin: "\\operatorname*{arg\\,min}",
  llbracket: "[\\![",
  rrbracket: "]\\!]",
};

export function configureMathJax(vendor) {
  window.MathJax = {
    loader: {
      // Parts by name, not the combined file: that one brings the menu and the speech explorer, with styles and
      // workers that the content policy refuses.
      load: ["input/tex", "output/chtml", "a11y/assistive-mml", "ui/safe", "[tex]/noerrors"],
      // Without this path fonts would be asked of a public host.
      paths: { fonts: `${vendor}mathjax-fonts` },
    },
    tex: {
      inlineMath: [["\\(", "\\)"]],
      displayMath: [["\\[", "\\]"]],
      processEscapes: false,
      processEnvironments: false,
      processRefs: false,
      packages: { "[+]": ["noerrors"], "[-]": ["require", "newcommand", "setoptions"] },
      autoload: { newcommand: [], html: [], action: [], verb: [], bbox: [] },
      tags: "none",
      ignoreDuplicateLabels: true,
      maxMacros: 1000,
      maxBuffer: 10240,
      macros: MACROS,
    },
    output: { displayOverflow: "overflow", mtextInheritFont: true },
    options: {
      // Speech and enrichment make typesetting 12 times slower; assistive MathML reads as well and costs nothing.
      enableAssistiveMml: true,
    },
    startup: {
      typeset: false,
      ready() {
        window.MathJax.startup.defaultReady();
        keepStylesWithinPolicy(window.MathJax.startup.adaptor);
      },
    },
  };
}

/**
 * MathJax writes a <style> element and style attributes, which the content policy refuses. The same rules go
 * through the CSS object model, which it allows: so `style-src 'self'` needs no exception.
 */
function keepStylesWithinPolicy(adaptor) {
  const makeNode = adaptor.node.bind(adaptor);
  const setAttribute = adaptor.setAttribute.bind(adaptor);
  adaptor.node = (kind, properties = {}, children = [], namespace = undefined) => {
    if (kind !== "style") return makeNode(kind, properties, children, namespace);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(children.map((child) => child.textContent).join("\n"));
    document.adoptedStyleSheets.push(sheet);
    // A stand-in that holds the rules: MathJax adds to `node.sheet` as it meets new characters.
    const node = makeNode("mjx-style", properties, [], namespace);
    Object.defineProperty(node, "sheet", { value: sheet });
    return node;
  };
  adaptor.setAttribute = (node, name, value, namespace = null) => {
    if (name === "style" && node.style) node.style.cssText = value.replace(/\n/g, " ");
    else setAttribute(node, name, value, namespace);
  };
}
