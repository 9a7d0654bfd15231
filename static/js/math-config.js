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

/**
 * Commands that authors define for themselves and then leave in abstracts. Of 1,201 formulas refused among those of
 * 98,472 papers nearly all were refused for such a name; here are the frequent ones that mean the same to everyone.
 * Left out are the ones that do not: `\e`, `\la`, `\p`, `\T`, `\H`, `\E`.
 */
const PRIVATE = {
  "\\mathbb{R}": "IR Real Reals Rset bR real reals",
  "\\mathbb{R}^n": "Rn rn",
  "\\mathbb{R}^N": "RN",
  "\\varepsilon": "ep eps ve veps vepsi",
  "\\alpha": "al",
  "\\lambda": "lam",
  "\\omega": "om",
  "\\Omega": "Om",
  "\\Delta": "De",
  "\\partial": "pa prt",
  "\\infty": "infinity infity",
  "\\dagger": "dag",
  "\\ddagger": "ddag",
  "\\displaystyle": "ds",
  "\\operatorname{div}": "Div divg",
  "\\tfrac12": "half",
  "\\mathop{⨏}\\nolimits": "fint",
  "\\mathrel{:=}": "coloneqq",
  "\\tilde{O}": "Otilde tildeO",
  "\\text{—}": "textemdash",
  "\\qquad": "eqno leqno",
  "<": "textless",
  ">": "textgreater",
  O: "bigO bigo",
  "": "medskip bigskip smallskip",
};
const PRIVATE_OF_ONE = {
  "": "cite",
  "\\boldsymbol{#1}": "bold",
  "\\mathbb{#1}": "mathbbm mathbbmss",
  "\\left\\lVert #1\\right\\rVert": "norm",
  "\\left\\lvert #1\\right\\rvert": "abs",
  "\\left\\lceil #1\\right\\rceil": "ceil",
  "\\left\\lfloor #1\\right\\rfloor": "floor",
  "\\overline{#1}": "ol",
  "\\textit{#1}": "emph",
  "\\operatorname{#1}": "limfunc",
};
const OPERATORS =
  "Aut Cov Diff Ext Hom Irr Tr Var Vol conv curl diag diam dist loc poly polylog rank sgn sign supp tr vol";

function privateMacros() {
  const macros = { href: ["\\mathrm{#2}", 2] };
  for (const command of ["nicefrac", "sfrac"]) macros[command] = ["{}^{#1}\\!/{}_{#2}", 2];
  for (const [tex, names] of Object.entries(PRIVATE)) for (const name of names.split(" ")) macros[name] = tex;
  for (const [tex, names] of Object.entries(PRIVATE_OF_ONE)) {
    for (const name of names.split(" ")) macros[name] = [tex, 1];
  }
  for (const accent of ["Bar", "Dot", "Hat", "Tilde", "Vec"]) macros[accent] = [`\\${accent.toLowerCase()}{#1}`, 1];
  for (const name of OPERATORS.split(" ")) macros[name] = `\\operatorname{${name}}`;
  for (const letter of "CNQZ") macros[letter] = `\\mathbb{${letter}}`;
  for (const letter of "CEFHNPQRSTZ") macros[letter + letter] = `\\mathbb{${letter}}`;
  for (const letter of "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
    macros[`c${letter}`] = macros[`cal${letter}`] = `\\mathcal{${letter}}`;
    macros[`bb${letter}`] = `\\mathbb{${letter}}`;
    for (const one of [letter, letter.toLowerCase()]) macros[`bf${one}`] = `\\mathbf{${one}}`;
  }
  return macros;
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
      autoload: { newcommand: [], html: [], action: [], verb: [], bbox: [] },
      tags: "none",
      ignoreDuplicateLabels: true,
      maxMacros: 1000,
      maxBuffer: 10240,
      macros: { ...privateMacros(), ...MACROS },
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
        delete window.MathJax.config.options.menuOptions;
        window.MathJax.startup.defaultReady();
        keepStylesWithinPolicy(window.MathJax.startup.adaptor);
        // Now, and not with the first formula that is scrolled to: new fonts have the whole page laid out anew.
        window.MathJax.startup.document.addStyleSheet();
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
