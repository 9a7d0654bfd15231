/**
 * Bundles and minifies scripts and style sheets: JSON `{name: source}` on standard input, `{name: code}` on standard output,
 * for each file that no other one imports. The argument is the folder of npm packages. `coolpapers/base/storage.py` runs it
 * when static files are collected.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join, relative } from "node:path/posix";

const require = createRequire(join(process.argv[2], "package.json"));
const esbuild = require("esbuild-wasm");
const { minify } = require("terser");

// Our browsers know the syntax of 2022. A module's top-level names are its own, except those that it exports.
// `unsafe` assumes that nobody replaces the built-in objects.
const TERSER = { module: true, ecma: 2022, compress: { passes: 5, unsafe: true, unsafe_arrows: true, unsafe_methods: true } };

const sources = JSON.parse(readFileSync(0, "utf8"));

/** Resolves imports among the sources. What is elsewhere stays an import, relative to the folder of the bundle. */
const resolver = (folder) => ({
  name: "sources",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^/ }, ({ path, importer, kind }) => {
      if (kind === "entry-point") return { path, namespace: "sources" };
      if (!path.startsWith(".")) return { path, external: true };
      const name = join(dirname(importer), path);
      if (name in sources) return { path: name, namespace: "sources" };
      const address = relative(folder, name);
      return { path: address.startsWith(".") ? address : `./${address}`, external: true };
    });
    onLoad({ filter: /^/ }, ({ path }) => ({ contents: sources[path], loader: extname(path).slice(1) }));
  },
});

const build = (entries, folder, more) =>
  esbuild.build({
    entryPoints: entries,
    plugins: [resolver(folder)],
    outdir: "/",
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    minifySyntax: true,
    logLevel: "silent",
    ...more,
  });

/** The files that no other one imports. */
async function roots() {
  const { metafile } = await build(Object.keys(sources), ".", { metafile: true });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const parts = new Set(imports.map(({ path }) => path.replace(/^sources:/, "")));
  return Object.keys(sources).filter((name) => !parts.has(name));
}

/** The functions of a bundle as constants at its top, where the engine hoists them too: Terser makes them arrow functions. */
function asConstants(text) {
  const functions = [];
  const rest = text.replace(/^(async )?function (\w+)(\([^]*?\n})$/gm, (_, async, name, code) => {
    functions.push(`${name} = ${async ?? ""}function ${code}`);
    return "";
  });
  return functions.length ? `const ${functions.join(",\n")};\n${rest}` : rest;
}

// Objects of the browser that scripts name often. A constant of a module stands for each, as Terser shortens only its own names.
const GLOBALS = ["document", "localStorage", "location", "history", "setTimeout", "clearTimeout", "Object", "JSON", "URLSearchParams"];
const MIN_USES = 5; // of fewer, the declaration costs more than it saves

/** A bundle that names the browser's objects by constants of its own. */
function withAliases(text) {
  const isOften = (name) => text.split(`aliasOf_${name}`).length > MIN_USES;
  const aliases = GLOBALS.filter(isOften).map((name) => `aliasOf_${name} = ${name}`);
  const code = text.replace(/\baliasOf_(\w+)/g, (alias, name) => (isOften(name) ? alias : name));
  return aliases.length ? `const ${aliases.join(", ")};\n${code}` : code;
}

/** A script that is no module: a function that is called at once. Constants outside of it would be those of the whole page. */
const isClassic = (name) => /^\(\(\) => \{$/m.test(sources[name]);

const scripts = Object.entries(sources).filter(([name]) => extname(name) === ".js").map(([, source]) => source).join();

/** A style sheet without the variables that it never uses, and with names of one letter or two for the others. Scripts name some: they stay. */
function withShortVariables(css) {
  const used = (name) => css.includes(`var(${name})`) || css.includes(`var(${name},`) || scripts.includes(name);
  const lean = css.replace(/(?<=[{;])(--[a-z][\w-]*):[^;{}]*(;|(?=}))/g, (declaration, name) => (used(name) ? declaration.replace(/([:,]) /g, "$1") : ""));
  const counts = new Map();
  for (const [name] of lean.matchAll(/(?<![\w-])--[a-z][\w-]*/g)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const long = [...counts.keys()].filter((name) => !scripts.includes(name)).sort((a, b) => counts.get(b) - counts.get(a));
  const names = new Map(long.map((name, i) => [name, `--${(i + 10).toString(36)}`]));
  return lean.replace(/(?<![\w-])--[a-z][\w-]*/g, (name) => names.get(name) ?? name);
}

async function bundle(name) {
  const isStyle = extname(name) === ".css";
  const define = isStyle || isClassic(name) ? {} : Object.fromEntries(GLOBALS.map((global) => [global, `aliasOf_${global}`]));
  const { outputFiles } = await build([name], dirname(name), { minifyWhitespace: isStyle, define });
  const [{ text }] = outputFiles;
  if (isStyle) return withShortVariables(text);
  return (await minify({ [name]: withAliases(asConstants(text)) }, structuredClone(TERSER))).code;
}

const bundles = (await roots()).map(async (name) => [name, await bundle(name)]);
process.stdout.write(JSON.stringify(Object.fromEntries(await Promise.all(bundles))));
