/**
 * Minifies scripts: JSON `{name: source}` on standard input, `{name: code}` on standard output. The argument is the path
 * of terser. Run by `coolpapers/storage.py` when static files are collected.
 */
import { readFileSync } from "node:fs";

const { minify } = await import(process.argv[2]);
// Our browsers know the syntax of 2022; names at the top of a module are its own, but for what it exports.
const OPTIONS = { module: true, ecma: 2022, compress: { passes: 3 } };

const minified = {};
for (const [name, source] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  minified[name] = (await minify({ [name]: source }, OPTIONS)).code;
}
process.stdout.write(JSON.stringify(minified));
