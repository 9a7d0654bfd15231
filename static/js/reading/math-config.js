/**
 * How MathJax is set up here, and why. `configureMathJax` must run before its script loads.
 *
 * Formulas come from strangers: `ui/safe` drops links to scripts, styles, classes and ids; definitions are
 * off because a \def in one abstract would change the next; everything is served by this site.
 */
/**
 * Commands that MathJax lacks, a line each: the number of arguments, what it stands for, its names.
 *
 * Most are ones that authors define for themselves and then leave in abstracts. Of 1,201 formulas refused among those of
 * 98,472 papers nearly all were refused for such a name; here are the frequent ones that mean the same to everyone.
 * Left out are the ones that do not: `\e`, `\la`, `\p`, `\T`, `\H`, `\E`.
 */
const MACROS = String.raw`
1 label cite
1\boldsymbol{#1} bm bold
1\mathbb{#1} mathds mathbbm mathbbmss
1\text{#1} textsc
1\textit{#1} emph
1\overline{#1} ol
1\operatorname{#1} limfunc
1\left\lVert#1\right\rVert norm
1\left\lvert#1\right\rvert abs
1\left\lceil#1\right\rceil ceil
1\left\lfloor#1\right\rfloor floor
2\mathrm{#2} href
2{}^{#1}\!/{}_{#2} nicefrac sfrac
0\mathbb{R} R IR Real Reals Rset bR real reals
0\mathbb{R}^n Rn rn
0\mathbb{R}^N RN
0\varepsilon ep eps ve veps vepsi
0\alpha al
0\lambda lam
0\omega om
0\Omega Om
0\Delta De
0\partial part pa prt
0\infty infin infinity infity
0\emptyset empty
0\varnothing O
0\dagger dag
0\ddagger ddag
0\displaystyle ds
0\operatorname{div} Div divg
0\operatorname*{arg\,max} argmax
0\operatorname*{arg\,min} argmin
0\tfrac12 half
0\mathop{⨏}\nolimits fint
0\mathrel{:=} coloneqq
0\tilde{O} Otilde tildeO
0[\![ llbracket
0]\!] rrbracket
0\text{—} textemdash
0\qquad eqno leqno
0< textless
0> textgreater
0O bigO bigo
0 medskip bigskip smallskip`;
const OPERATORS =
  "Aut Cov Diff Ext Hom Irr Tr Var Vol conv curl diag diam dist loc poly polylog rank sgn sign supp tr vol";

/** As MathJax takes them: `{name: [TeX, number of arguments]}`. */
function readMacros() {
  const macros = {};
  const define = (tex, names, n = 0) => names.forEach((name) => (macros[name] = [tex, n]));
  for (const line of MACROS.slice(1).split("\n")) {
    const [tex, ...names] = line.slice(1).split(" ");
    define(tex, names, Number(line[0]));
  }
  for (const accent of ["Bar", "Dot", "Hat", "Tilde", "Vec"]) define(`\\${accent.toLowerCase()}{#1}`, [accent], 1);
  for (const name of OPERATORS.split(" ")) define(`\\operatorname{${name}}`, [name]);
  for (const letter of "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
    const small = letter.toLowerCase();
    define(`\\mathcal{${letter}}`, [`c${letter}`, `cal${letter}`]);
    define(`\\mathbf{${letter}}`, [`bf${letter}`]);
    define(`\\mathbf{${small}}`, [`bf${small}`]);
    const names = [`bb${letter}`];
    if ("CNQZ".includes(letter)) names.push(letter);
    if ("CEFHNPQRSTZ".includes(letter)) names.push(letter + letter);
    define(`\\mathbb{${letter}}`, names);
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
      macros: readMacros(),
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
