/**
 * The configuration of MathJax. `configureMathJax` must run before the script of MathJax loads.
 *
 * Formulas are untrusted: `ui/safe` drops links to scripts, styles, classes and ids. Definitions are off, because a \def
 * in one abstract would change the next. This site serves all files.
 */
import { BOLD_GREEK, ENVIRONMENTS, readMacros } from "./math-macros.js";

// Extensions that MathJax loads when a formula uses one of their commands. mathtools, cases and empheq are left out: they
// enable \newcommand.
const prefixed = (prefix, names) => names.split(" ").map((name) => prefix + name);
const AUTOLOAD = {
  upgreek: [
    ...prefixed("up", `${BOLD_GREEK} zeta iota upsilon`),
    ...prefixed("Up", "gamma delta theta lambda xi pi sigma phi psi omega"),
  ],
  textcomp: prefixed(
    "text",
    "degree mu times pm div celsius ohm euro cent asciitilde asciicircum asteriskcentered bar bullet ellipsis registered " +
      "trademark copyright section quotedblleft quotedblright quoteleft quoteright",
  ),
  centernot: ["centernot"],
};

export function configureMathJax(vendor) {
  window.MathJax = {
    loader: {
      // Components by name. The combined file contains the menu and the speech explorer, whose styles and workers the
      // content policy refuses.
      load: ["input/tex", "output/chtml", "a11y/assistive-mml", "ui/safe", "[tex]/noerrors"],
      // Without this path MathJax requests fonts from a public host.
      paths: { fonts: `${vendor}mathjax-fonts` },
    },
    tex: {
      inlineMath: [["\\(", "\\)"]],
      displayMath: [["\\[", "\\]"]],
      processEscapes: false,
      processEnvironments: false,
      processRefs: false,
      packages: { "[+]": ["noerrors"], "[-]": ["require", "newcommand", "setoptions"] },
      autoload: { ...AUTOLOAD, newcommand: [], html: [], action: [], bbox: [] },
      tags: "none",
      ignoreDuplicateLabels: true,
      maxMacros: 1000,
      maxBuffer: 10240,
      macros: readMacros(),
      environments: ENVIRONMENTS,
    },
    output: { displayOverflow: "overflow", mtextInheritFont: true },
    options: {
      // Speech and enrichment make typesetting 12 times slower. Assistive MathML serves screen readers at no cost.
      enableAssistiveMml: true,
    },
    startup: {
      typeset: false,
      ready() {
        // a11y/assistive-mml sets options of the menu, which is not loaded; MathJax would warn on every page.
        const { config, startup } = window.MathJax;
        delete config.options.menuOptions;
        startup.defaultReady();
        keepStylesWithinPolicy(startup.adaptor);
        // Now, not with the first formula that scrolls into view: new fonts cause a layout of the whole page.
        startup.document.addStyleSheet();
      },
    },
  };
}

/**
 * MathJax writes a <style> element and style attributes, which the content policy refuses. This sets the same rules
 * through the CSS object model, which the policy allows, so `style-src 'self'` needs no exception.
 */
function keepStylesWithinPolicy(adaptor) {
  const makeNode = adaptor.node.bind(adaptor);
  const setAttribute = adaptor.setAttribute.bind(adaptor);
  adaptor.node = (kind, properties = {}, children = [], namespace = undefined) => {
    if (kind !== "style") return makeNode(kind, properties, children, namespace);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(children.map((child) => child.textContent).join("\n"));
    document.adoptedStyleSheets.push(sheet);
    // This element stands for the style sheet: MathJax adds rules to `node.sheet` for new characters.
    const node = makeNode("mjx-style", properties, [], namespace);
    Object.defineProperty(node, "sheet", { value: sheet });
    return node;
  };
  adaptor.setAttribute = (node, name, value, namespace = null) => {
    if (name === "style" && node.style) node.style.cssText = value.replace(/\n/g, " ");
    else setAttribute(node, name, value, namespace);
  };
}
