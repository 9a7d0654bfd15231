// The commands that MathJax, set up as on our pages, knows: one name a line, without its backslash.
// Argument: the folder that holds node_modules/mathjax (build/npm after `make`).
// Their list for the server stands in coolpapers/reading/markup/math/known_commands.py; a test compares the two.
import { createRequire } from "node:module";
import { resolve } from "node:path";

import { configureMathJax } from "../static/js/reading/math-config.js";

const folder = resolve(process.argv[2]);
globalThis.window = {};
configureMathJax("/");
const { tex } = globalThis.window.MathJax;
delete globalThis.window; // MathJax would take us for a browser
const MathJax = await createRequire(`${folder}/`)("mathjax").init({
  loader: { load: ["input/tex"], paths: { mathjax: `${folder}/node_modules/mathjax` } },
  tex: { ...tex, packages: { "[-]": tex.packages["[-]"] } },
});
const [jax] = MathJax.startup.getInputJax();
const names = new Set();
for (const kind of ["macro", "delimiter"]) {
  for (const { item } of jax.parseOptions.handlers.map.get(kind)._configuration) {
    for (const name of item.map?.keys() ?? []) names.add(name.replace(/^\\/, ""));
  }
}
const words = [...names].filter((name) => /^[A-Za-z]+$/.test(name)).sort();
process.stdout.write(`${words.join("\n")}\n`);
