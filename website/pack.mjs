// Makes the site's style and script small. Reads JSON from stdin, writes JSON to stdout: of the
// style, those rules that match a word of `used`; of the script, all of it in fewer letters.
import { readFileSync } from "node:fs";
import { transformSync } from "esbuild";
import { PurgeCSS } from "purgecss";

const { style, script, used } = JSON.parse(readFileSync(0, "utf-8"));
const [{ css }] = await new PurgeCSS().purge({
  content: [{ raw: used, extension: "txt" }],
  defaultExtractor: (text) => text.split("\n"),
  css: [{ raw: style }],
  keyframes: true,
  variables: true,
});
const small = (code, settings) =>
  transformSync(code, { minify: true, legalComments: "none", ...settings }).code;
const made = {
  style: small(css, { loader: "css", target: "es2022" }),
  script: small(script, { loader: "js", format: "iife", target: "es2022" }),
};
process.stdout.write(JSON.stringify(made));
