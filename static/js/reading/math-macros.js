/**
 * Commands that MathJax lacks: what `readMacros` returns goes into its `macros`.
 *
 * Here is only what means the same to everyone: commands of well-known packages (physics, mathtools, pifont), Wikipedia's
 * and KaTeX's names, and the frequent abbreviations of authors that have one reading. Left out are those that have
 * several, such as `\e`, `\la`, `\p`, `\T`, `\H`, `\E`, `\va`, `\order`: the server writes the name of such a command. It also
 * reads siunitx, whose units are words like `\per` that others use otherwise, and the derivatives of physics
 * (coolpapers/reading/markup/math/packages.py).
 */

/** Other names of a command: the command, its names. */
const SYNONYMS = `
varepsilon ep eps ve veps vepsi
alpha al
lambda lam
omega om
Omega Om
Delta De
partial part pa prt
infty infin infinity infity
emptyset empty
varnothing O
vartheta thetasym
aleph alef alefsym
Im image
wp weierp
dagger dag
ddagger ddag Dagger
S sect
bullet bull
clubsuit clubs
heartsuit hearts
spadesuit spades
diamondsuit diamonds
exists exist
in isin
langle lang
rangle rang
leftarrow larr
rightarrow rarr
leftrightarrow harr lrarr
uparrow uarr
downarrow darr
Leftarrow lArr Larr
Rightarrow rArr Rarr
Leftrightarrow hArr Harr
Uparrow uArr
Downarrow dArr
subset sub
subseteq sube
supseteq supe
cdot sdot
pm plusmn
displaystyle ds
qquad eqno leqno
backslash textbackslash
checkmark cmark
nabla grad`;

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
0^ sp
0_ sb
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
0< textless
0> textgreater
0\_ textunderscore
0O bigO bigo
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
0\nabla^2 laplacian
0\mathrm{d} dd
1\mathbf{#1} vb
1\left\langle#1\right\rangle expval
3\left\langle#1\middle|#2\middle|#3\right\rangle mel matrixel`;

/** Arrows with a text above and an optional one below, by their name without `x`. */
const ARROWS = {
  Rightarrow: "Longrightarrow",
  Leftarrow: "Longleftarrow",
  Leftrightarrow: "Longleftrightarrow",
  leftrightarrow: "longleftrightarrow",
};
const MORE_ARROWS = "hookrightarrow hookleftarrow rightharpoonup rightleftharpoons";

const aligned = (left, right, ...rest) => [`${left}\\begin{array}{ll}`, `\\end{array}${right}`, ...rest];
const LEFT_BRACE = ["\\left\\{", "\\right."];
const RIGHT_BRACE = ["\\left.", "\\right\\}"];

/** Environments of mathtools and cases: `{name: [begin, end, arguments, default]}`. */
export const ENVIRONMENTS = {
  rcases: aligned(...RIGHT_BRACE),
  numcases: aligned("{#1}\\left\\{", "\\right.", 1),
  subnumcases: aligned("{#1}\\left\\{", "\\right.", 1),
  multlined: ["\\begin{gathered}", "\\end{gathered}"],
  lgathered: ["\\begin{array}{l}", "\\end{array}"],
  rgathered: ["\\begin{array}{r}", "\\end{array}"],
  ...starredMatrices({ "": "", p: "()", b: "[]", B: ["\\{", "\\}"], v: "||", V: ["\\|", "\\|"] }),
};

function starredMatrices(brackets) {
  const environments = {};
  for (const [letter, [open, close]] of Object.entries(brackets)) {
    const [left, right] = open ? [`\\left${open}`, `\\right${close}`] : ["", ""];
    environments[`${letter}matrix*`] = [`${left}\\begin{array}{*{20}{#1}}`, `\\end{array}${right}`, 1, "c"];
    if (letter) environments[`${letter}smallmatrix`] = [`${left}\\begin{smallmatrix}`, `\\end{smallmatrix}${right}`];
  }
  for (const name of ["dcases", "rcases", "drcases", "cases"]) {
    const brace = name.includes("r") ? RIGHT_BRACE : LEFT_BRACE;
    environments[`${name}*`] = aligned(...brace);
    if (name[0] === "d") environments[name] = aligned(...brace).map((tex) => tex.replace("array", "darray"));
  }
  return environments;
}

const OPERATORS =
  "Aut Cov Diff Ext Hom Irr Tr Var Vol conv curl diag diam dist erf loc poly polylog rank sgn sign supp tr vol";
/** The Greek capitals that TeX writes as Latin letters, each with its letter in front. */
const CAPITAL_GREEK = "AAlpha BBeta EEpsilon ZZeta HEta IIota KKappa MMu NNu OOmicron PRho TTau XChi";
export const BOLD_GREEK = "alpha beta gamma delta epsilon eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega";

/** As MathJax takes them: `{name: [TeX, number of arguments]}`, with a third entry where the first may be left out. */
export function readMacros() {
  const macros = {};
  const define = (tex, names, ...rest) => names.forEach((name) => (macros[name] = [tex, ...rest]));
  const readLines = (table) => table.slice(1).split("\n").map((line) => line.split(" "));
  for (const [command, ...names] of readLines(SYNONYMS)) define(`\\${command}`, names, 0);
  for (const [[n, ...tex], ...names] of readLines(MACROS)) define(tex.join(""), names, Number(n));
  for (const name of MORE_ARROWS.split(" ")) ARROWS[name] = name;
  for (const [name, arrow] of Object.entries(ARROWS)) define(`\\mathrel{\\underset{#1}{\\overset{#2}{\\${arrow}}}}`, [`x${name}`], 2, "");
  define("\\mathop{\\underset{\\mmlToken{mo}{⎵}}{#2}}\\limits", ["underbracket"], 2, "");
  define("\\mathop{\\overset{\\mmlToken{mo}{⎴}}{#2}}\\limits", ["overbracket"], 2, "");
  for (const accent of ["Bar", "Dot", "Hat", "Tilde", "Vec"]) define(`\\${accent.toLowerCase()}{#1}`, [accent], 1);
  for (const name of OPERATORS.split(" ")) define(`\\operatorname{${name}}`, [name], 0);
  for (const name of BOLD_GREEK.split(" ")) define(`\\boldsymbol{\\${name}}`, [`bf${name}`], 0);
  for (const [letter, ...name] of CAPITAL_GREEK.split(" ")) define(`\\mathrm{${letter}}`, [name.join("")], 0);
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
