/**
 * Bundles and minifies scripts: JSON `{name: source}` on standard input, `{name: code}` on standard output, for each script
 * that no other one imports. The argument is the folder of npm packages. Run by `coolpapers/base/storage.py` when static files
 * are collected.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.argv[2], "package.json"));
const esbuild = require("esbuild-wasm");
const { minify } = require("terser");

// Our browsers know the syntax of 2022; names at the top of a module are its own, but for what it exports.
const TERSER = { module: true, ecma: 2022, compress: { passes: 3, unsafe_arrows: true } };

const sources = JSON.parse(readFileSync(0, "utf8"));
const ours = {
  name: "ours",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^/ }, ({ path, importer, kind }) => {
      const name = kind === "entry-point" ? path : join(importer, "..", path);
      return name in sources ? { path: name, namespace: "ours" } : { path, external: true };
    });
    onLoad({ filter: /^/ }, ({ path }) => ({ contents: sources[path] }));
  },
};

const { metafile, outputFiles } = await esbuild.build({
  entryPoints: Object.keys(sources).map((name) => ({ in: name, out: name.replace(/\.js$/, "") })),
  plugins: [ours],
  outdir: "/",
  bundle: true,
  write: false,
  metafile: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  minifySyntax: true,
  logLevel: "silent",
});
const parts = new Set(Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path)));
const bundles = {};
for (const { path, text } of outputFiles) {
  const name = path.slice(1); // of "/", where nothing is written
  if (!parts.has(`ours:${name}`)) bundles[name] = (await minify({ [name]: text }, structuredClone(TERSER))).code;
}
process.stdout.write(JSON.stringify(bundles));
