// Which formulas does MathJax, set up as on our pages, refuse?
// Reads {"tex", "display"} a line, writes {"message"} (null when all is well) a line, in the same order.
// Argument: the folder that holds node_modules/mathjax (build/npm after `make`).
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

import { configureMathJax } from "../../static/js/reading/math-config.js";

const folder = resolve(process.argv[2]);
globalThis.window = {};
configureMathJax("/");
const { packages, ...tex } = globalThis.window.MathJax.tex;
delete globalThis.window; // MathJax would take us for a browser
const MathJax = await createRequire(`${folder}/`)("mathjax").init({
  loader: { load: ["input/tex"], paths: { mathjax: `${folder}/node_modules/mathjax` } },
  tex: {
    ...tex,
    // Errors are what we count, so nothing may hide them; an unknown command is one as well.
    packages: { "[-]": [...packages["[-]"], "noundefined"] },
    formatError: (_jax, error) => {
      throw error;
    },
  },
});

for await (const line of createInterface({ input: process.stdin })) {
  const formula = JSON.parse(line);
  let message = null;
  try {
    await MathJax.tex2mmlPromise(formula.tex, { display: formula.display });
  } catch (error) {
    message = error.message;
  }
  process.stdout.write(`${JSON.stringify({ message })}\n`);
}
