// Runs cells as the page does, in Pyodide, with Node.js instead of a browser.
// Takes JSON lines of cells on its input, and answers each with what was printed and how it ended.
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { loadPyodide } from "../../website/node_modules/pyodide/pyodide.mjs";

process.on("uncaughtException", (error) => {
  console.error(String(error.message ?? error).slice(-2000)); // the rest is Pyodide's own source
  process.exit(1);
});
const [wheel, ...modules] = process.argv.slice(2); // each module is a path here, =, and one there
const python = await loadPyodide();
python.unpackArchive(new Uint8Array(readFileSync(wheel)), "wheel");
for (const module of modules) {
  const [here, there] = module.split("=");
  const path = `/home/pyodide/${there}`;
  python.FS.mkdirTree(dirname(path));
  python.FS.writeFile(path, readFileSync(here));
}
const live = python.pyimport("live");
for await (const line of createInterface({ input: process.stdin })) {
  let text = "";
  const done = live.run_cells(line, (piece) => (text += piece));
  console.log(JSON.stringify({ text, ...JSON.parse(done) }));
}
