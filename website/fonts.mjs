// Writes typefaces with no other letters than those named: reads [source, target, letters] of each
// from stdin, as JSON. Hints, ligatures and second forms of letters are left out.
import { readFileSync, writeFileSync } from "node:fs";
import subset from "subset-font";

const settings = { targetFormat: "woff2", noHinting: true, noLayoutClosure: true };
for (const [source, target, letters] of JSON.parse(readFileSync(0, "utf-8")))
  writeFileSync(target, await subset(readFileSync(source), letters, settings));
