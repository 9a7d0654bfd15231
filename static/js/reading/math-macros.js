/**
 * Commands that MathJax lacks: what `readMacros` returns goes into its `macros`.
 *
 * Here is only what means the same to everyone: commands of well-known packages (physics, mathtools, pifont), Wikipedia's
 * and KaTeX's names, and the frequent abbreviations of authors that have one reading. Left out are those that have
 * several, such as `\e`, `\la`, `\p`, `\T`, `\H`, `\E`, `\va`, `\order`: the server writes the name of such a command. It also
 * reads siunitx, whose units are words like `\per` that others use otherwise, and the derivatives of physics
 * (coolpapers/reading/markup/math/packages.py).
 */

/** A line each: the number of arguments, what it stands for, its names. */
const MACROS = String.raw`
1 label cite
1\boldsymbol{#1} bm bold
1\mathbb{#1} mathds mathbbm mathbbmss
1\mathfrak{#1} goth
1\text{#1} textsc textmd textsl textlf
1\textit{#1} emph
1\overline{#1} ol
1\operatorname{#1} limfunc
1\left\lVert#1\right\rVert norm
1\left\lvert#1\right\rvert abs
1\left\lceil#1\right\rceil ceil
1\left\lfloor#1\right\rfloor floor
2\mathrm{#2} href
1\texttt{#1} url path
1\substack{#1} shortstack
2{}^{#1}\!/{}_{#2} nicefrac sfrac
1{}^{\text{#1}} textsuperscript
1{}_{\text{#1}} textsubscript
2\text{#2} raisebox
0\mathbb{R} R IR Real Reals Rset bR real reals
0\mathbb{C} cnums Complex
0\mathbb{N} natnums
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
0\vartheta thetasym
0\aleph alef alefsym
0\Im image
0\wp weierp
0\dagger dag
0\ddagger ddag Dagger
0\S sect
0\bullet bull
0\clubsuit clubs
0\heartsuit hearts
0\spadesuit spades
0\diamondsuit diamonds
0\exists exist
0\in isin
0\langle lang
0\rangle rang
0\leftarrow larr
0\rightarrow rarr
0\leftrightarrow harr lrarr
0\uparrow uarr
0\downarrow darr
0\Leftarrow lArr Larr
0\Rightarrow rArr Rarr
0\Leftrightarrow hArr Harr
0\Uparrow uArr
0\Downarrow dArr
0\subset sub
0\subseteq sube
0\supseteq supe
0\cdot sdot
0\pm plusmn
0^ sp
0_ sb
0\displaystyle ds
0\operatorname{div} Div divg divergence
0\operatorname*{arg\,max} argmax
0\operatorname*{arg\,min} argmin
0\tfrac12 half
0\mathop{⨏}\nolimits fint
0\mathrel{:=} coloneqq
0\mathrel{=:} eqqcolon
0\mathrel{:} vcentcolon
0\tilde{O} Otilde tildeO
0[\![ llbracket
0]\!] rrbracket
0\text{—} textemdash
0\text{–} textendash
0\qquad eqno leqno
0< textless
0> textgreater
0\_ textunderscore
0\backslash textbackslash
0O bigO bigo
0\checkmark cmark
0\text{✗} xmark
0{\perp\!\!\!\perp} indep
2{#1}/{#2} unitfrac
1\rlap{#1} mathrlap
1\llap{#1} mathllap
1{#1} mathclap cramped
3{}^{#1}_{#2}{#3} prescript
2{\genfrac{}{}{0pt}{1}{#1}{#2}} splitfrac
2{\genfrac{}{}{0pt}{0}{#1}{#2}} splitdfrac
0\mathrel{::=} Coloneqq
0\mathrel{::} dblcolon
0\mathrel{:\approx} colonapprox
0\mathrel{:\sim} colonsim
0 medskip bigskip smallskip noindent centering boldmath protect
0\nabla grad
0\nabla^2 laplacian
0\mathrm{d} dd
1\mathbf{#1} vb
1\left\langle#1\right\rangle expval
3\left\langle#1\middle|#2\middle|#3\right\rangle mel matrixel`;

/** An optional argument first (`\underbracket[1pt]{x}`): the number of all and the body. */
const WITH_OPTION = String.raw`
2\mathop{\underset{\mmlToken{mo}{⎵}}{#2}}\limits underbracket
2\mathop{\overset{\mmlToken{mo}{⎴}}{#2}}\limits overbracket
2\mathrel{\underset{#1}{\overset{#2}{\Longrightarrow}}} xRightarrow
2\mathrel{\underset{#1}{\overset{#2}{\Longleftarrow}}} xLeftarrow
2\mathrel{\underset{#1}{\overset{#2}{\Longleftrightarrow}}} xLeftrightarrow
2\mathrel{\underset{#1}{\overset{#2}{\longleftrightarrow}}} xleftrightarrow
2\mathrel{\underset{#1}{\overset{#2}{\hookrightarrow}}} xhookrightarrow
2\mathrel{\underset{#1}{\overset{#2}{\hookleftarrow}}} xhookleftarrow
2\mathrel{\underset{#1}{\overset{#2}{\rightharpoonup}}} xrightharpoonup
2\mathrel{\underset{#1}{\overset{#2}{\rightleftharpoons}}} xrightleftharpoons`;

/** Environments of mathtools and cases: `{name: [begin, end, arguments, default]}`. */
export const ENVIRONMENTS = {
  dcases: ["\\left\\{\\begin{darray}{ll}", "\\end{darray}\\right."],
  rcases: ["\\left.\\begin{array}{ll}", "\\end{array}\\right\\}"],
  drcases: ["\\left.\\begin{darray}{ll}", "\\end{darray}\\right\\}"],
  numcases: ["{#1}\\left\\{\\begin{array}{ll}", "\\end{array}\\right.", 1],
  subnumcases: ["{#1}\\left\\{\\begin{array}{ll}", "\\end{array}\\right.", 1],
  multlined: ["\\begin{gathered}", "\\end{gathered}"],
  lgathered: ["\\begin{array}{l}", "\\end{array}"],
  rgathered: ["\\begin{array}{r}", "\\end{array}"],
  ...starredMatrices({ "": ["", ""], p: ["(", ")"], b: ["[", "]"], B: ["\\{", "\\}"], v: ["|", "|"], V: ["\\|", "\\|"] }),
};

function starredMatrices(brackets) {
  const environments = {};
  for (const [letter, [open, close]] of Object.entries(brackets)) {
    const [left, right] = open ? [`\\left${open}`, `\\right${close}`] : ["", ""];
    environments[`${letter}matrix*`] = [`${left}\\begin{array}{*{20}{#1}}`, `\\end{array}${right}`, 1, "c"];
    if (letter) environments[`${letter}smallmatrix`] = [`${left}\\begin{smallmatrix}`, `\\end{smallmatrix}${right}`];
  }
  for (const name of ["dcases", "rcases", "drcases", "cases"]) {
    const [left, right] = name.includes("r") ? ["\\left.", "\\right\\}"] : ["\\left\\{", "\\right."];
    environments[`${name}*`] = [`${left}\\begin{array}{ll}`, `\\end{array}${right}`];
  }
  return environments;
}

const OPERATORS =
  "Aut Cov Diff Ext Hom Irr Tr Var Vol conv curl diag diam dist erf loc poly polylog rank sgn sign supp tr vol";
const CAPITAL_GREEK = { A: "Alpha", B: "Beta", E: "Epsilon", Z: "Zeta", H: "Eta", I: "Iota", K: "Kappa", M: "Mu", N: "Nu" };
const MORE_CAPITALS = { O: "Omicron", P: "Rho", T: "Tau", X: "Chi" };
const BOLD_GREEK = "alpha beta gamma delta epsilon eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega";

/** As MathJax takes them: `{name: [TeX, number of arguments]}`, with a third entry where the first may be left out. */
export function readMacros() {
  const macros = {};
  const define = (tex, names, ...rest) => names.forEach((name) => (macros[name] = [tex, ...rest]));
  const readLines = (table, ...rest) => {
    for (const line of table.slice(1).split("\n")) {
      const [tex, ...names] = line.slice(1).split(" ");
      define(tex, names, Number(line[0]), ...rest);
    }
  };
  readLines(MACROS);
  readLines(WITH_OPTION, "");
  for (const accent of ["Bar", "Dot", "Hat", "Tilde", "Vec"]) define(`\\${accent.toLowerCase()}{#1}`, [accent], 1);
  for (const name of OPERATORS.split(" ")) define(`\\operatorname{${name}}`, [name], 0);
  for (const name of BOLD_GREEK.split(" ")) define(`\\boldsymbol{\\${name}}`, [`bf${name}`], 0);
  for (const [letter, name] of Object.entries({ ...CAPITAL_GREEK, ...MORE_CAPITALS })) define(`\\mathrm{${letter}}`, [name], 0);
  defineAlphabets(define);
  return macros;
}

function defineAlphabets(define) {
  for (const letter of "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
    const small = letter.toLowerCase();
    define(`\\mathcal{${letter}}`, [`c${letter}`, `cal${letter}`, `${letter}cal`, `${small}cal`], 0);
    define(`\\mathbf{${letter}}`, [`bf${letter}`], 0);
    define(`\\mathbf{${small}}`, [`bf${small}`], 0);
    define(`\\mathfrak{${letter}}`, [`frak${letter}`], 0);
    define(`\\mathscr{${letter}}`, [`scr${letter}`], 0);
    const names = [`bb${letter}`];
    if ("CNQZ".includes(letter)) names.push(letter);
    if ("CEFHNPQRSTZ".includes(letter)) names.push(letter + letter);
    define(`\\mathbb{${letter}}`, names, 0);
  }
}
