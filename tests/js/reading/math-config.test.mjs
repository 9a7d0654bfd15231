import assert from "node:assert/strict";
import { test } from "node:test";

import { configureMathJax } from "../../../static/js/reading/math-config.js";

globalThis.window = {};
configureMathJax("/vendor/");
const { tex, loader, startup } = globalThis.window.MathJax;
delete globalThis.window;

test("fonts and every part are asked of this site", () => {
  assert.equal(loader.paths.fonts, "/vendor/mathjax-fonts");
  assert.doesNotMatch(JSON.stringify(loader), /https?:/);
});

test("assistive MathML is there, speech and its workers are not", () => {
  assert.ok(loader.load.includes("a11y/assistive-mml") && loader.load.includes("ui/safe"));
  assert.doesNotMatch(JSON.stringify(loader), /speech|explorer|enrich|menu|lazy/);
});

test("nothing can be defined, loaded or named by a formula", () => {
  for (const name of ["require", "newcommand", "setoptions"]) assert.ok(tex.packages["[-]"].includes(name));
  for (const name of ["newcommand", "html", "action", "bbox"]) assert.deepEqual(tex.autoload[name], []);
  assert.ok(!("verb" in tex.autoload), "text in typewriter letters harms nobody");
  // These bring \\newcommand or \\def with them: a formula could then redefine what stands in the next.
  for (const name of ["mathtools", "cases", "empheq", "physics", "begingroup"]) assert.ok(!(name in tex.autoload), name);
  assert.deepEqual(tex.macros.label, ["", 1]);
});

test("only marked delimiters count, and nothing is typeset before it is handed over", () => {
  assert.deepEqual([tex.inlineMath, tex.displayMath], [[["\\(", "\\)"]], [["\\[", "\\]"]]]);
  assert.ok(!tex.processEscapes && !tex.processEnvironments && !tex.processRefs && !startup.typeset);
});

test("frequent private commands are known, ambiguous ones are not", () => {
  assert.deepEqual(tex.macros.eps, ["\\varepsilon", 0]);
  assert.deepEqual(tex.macros.RR, ["\\mathbb{R}", 0]);
  assert.deepEqual(tex.macros.cL, ["\\mathcal{L}", 0]);
  assert.deepEqual(tex.macros.Tilde, ["\\tilde{#1}", 1]);
  for (const name of ["e", "la", "p", "l", "T", "X", "H", "E", "va", "per", "order", "dv", "x", "div", "span"]) assert.ok(!(name in tex.macros), name);
});

test("every macro has as many arguments as it uses", () => {
  for (const [name, macro] of Object.entries(tex.macros)) {
    const [body, count] = macro;
    const used = [...body.matchAll(/#(\d)/g)].map((match) => Number(match[1]));
    assert.ok(Math.max(0, ...used) <= count, name);
    assert.match(name, /^[A-Za-z]+$/);
  }
});

test("packages that authors and models use are known", () => {
  for (const name of ["dd", "vb", "grad", "expval"]) assert.ok(name in tex.macros, name); // physics
  for (const name of ["vcentcolon", "mathrlap", "underbracket", "cmark", "xmark"]) assert.ok(name in tex.macros, name);
  for (const name of ["dcases", "multlined", "bmatrix*", "psmallmatrix"]) assert.ok(name in tex.environments, name);
  assert.deepEqual(tex.macros.underbracket.slice(1), [2, ""]);
});
