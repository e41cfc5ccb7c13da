// Makes what the tracker serves from the source of the script: track.min.js, and track.min.js.br,
// which is compressed by the Brotli of Node.
//
// npm run --prefix tests/browser build [FOLDER]: write both to FOLDER, not beside the source
import { readFile, writeFile } from "node:fs/promises";
import { brotliCompressSync } from "node:zlib";
import { minify } from "terser";

const beside = new URL("../../page_tracker/web/static/", import.meta.url).pathname;
const folder = process.argv[2] ?? beside;
const source = await readFile(`${beside}/track.js`, "utf8");

const { code } = await minify(source, {
  ecma: 2020,
  toplevel: true,
  compress: { passes: 4, booleans_as_integers: true, unsafe_arrows: true },
  format: { quote_style: 1 }, // single quotes take less in Brotli
});
// The block keeps the names of the script from other scripts.
const minified = `{${code.replace(/;$/, "")}}\n`;
await writeFile(`${folder}/track.min.js`, minified);
await writeFile(`${folder}/track.min.js.br`, brotliCompressSync(minified));
