/**
 * How MathJax is set up here, and why. `configureMathJax` must run before its script loads.
 *
 * Formulas come from strangers: `ui/safe` drops links to scripts, styles, classes and ids; definitions are
 * off because a \def in one abstract would change the next; everything is served by this site.
 */
import { ENVIRONMENTS, readMacros } from "./math-macros.js";

// Extensions of MathJax that come when a formula names a command of theirs. Not mathtools, cases and empheq: they bring
// \newcommand with them.
const AUTOLOAD = {
  upgreek:
    "upalpha upbeta upgamma updelta upepsilon upzeta upeta uptheta upiota upkappa uplambda upmu upnu upxi uppi uprho " +
    "upsigma uptau upupsilon upphi upchi uppsi upomega Upgamma Updelta Uptheta Uplambda Upxi Uppi Upsigma Upphi Uppsi Upomega",
  textcomp:
    "textdegree textmu texttimes textpm textdiv textcelsius textohm texteuro textcent textasciitilde textasciicircum " +
    "textasteriskcentered textbar textbullet textellipsis textregistered texttrademark textcopyright textsection " +
    "textquotedblleft textquotedblright textquoteleft textquoteright",
  centernot: "centernot",
};

function autoloads() {
  return Object.fromEntries(Object.entries(AUTOLOAD).map(([extension, names]) => [extension, names.split(" ")]));
}

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
      autoload: { ...autoloads(), newcommand: [], html: [], action: [], bbox: [] },
      tags: "none",
      ignoreDuplicateLabels: true,
      maxMacros: 1000,
      maxBuffer: 10240,
      macros: readMacros(),
      environments: ENVIRONMENTS,
    },
    output: { displayOverflow: "overflow", mtextInheritFont: true },
    options: {
      // Speech and enrichment make typesetting 12 times slower; assistive MathML reads as well and costs nothing.
      enableAssistiveMml: true,
    },
    startup: {
      typeset: false,
      ready() {
        // Put there by a11y/assistive-mml for a menu that we do not load; MathJax would warn on every page.
        const { config, startup } = window.MathJax;
        delete config.options.menuOptions;
        startup.defaultReady();
        keepStylesWithinPolicy(startup.adaptor);
        // Now, and not with the first formula that is scrolled to: new fonts have the whole page laid out anew.
        startup.document.addStyleSheet();
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
