/**
 * Cuts the text face to the characters and weights that pages use. Arguments: the folder of npm packages, the target
 * folder. Prints the size of each file. `tools/fetch_assets.py` runs it.
 *
 * Three upright files, of which a browser fetches the first one only as long as a page has no other letters, and the
 * slanted letters in one weight: bold slanted text is rare.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [packages, target] = process.argv.slice(2).map((path) => resolve(path));
const subsetFont = createRequire(join(packages, "package.json"))("subset-font");
const SOURCE = join(packages, "@fontsource-variable", "source-serif-4", "files");

const range = (first, last) => String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, n) => first + n));
// `static/css/page/fonts.css` states the same ranges for the browser, of all but the first.
const LATIN = `${range(0x20, 0x7e)}${range(0xa0, 0xff)}–—‘’‚“”„†‡•…‰‹›€™−×ﬁﬂ`;
const LATIN_EXT = `${range(0x100, 0x17f)}${range(0x218, 0x21b)}`;
const GREEK = `${range(0x391, 0x3a1)}${range(0x3a3, 0x3a9)}${range(0x3b1, 0x3c9)}`;
const TEXT_TO_BOLD = { wght: { min: 400, max: 700 } };

const FILES = [
  ["latin", "latin-wght-normal", LATIN, TEXT_TO_BOLD],
  ["latin-ext", "latin-ext-wght-normal", LATIN_EXT, TEXT_TO_BOLD],
  ["greek", "greek-wght-normal", GREEK, TEXT_TO_BOLD],
  ["latin-italic", "latin-wght-italic", LATIN, { wght: 400 }],
];

mkdirSync(target, { recursive: true });
for (const [name, source, text, variationAxes] of FILES) {
  const font = readFileSync(join(SOURCE, `source-serif-4-${source}.woff2`));
  const subset = await subsetFont(font, text, { targetFormat: "woff2", variationAxes });
  writeFileSync(join(target, `source-serif-${name}.woff2`), subset);
  console.log(`  source-serif-${name}: ${subset.length} bytes`);
}
