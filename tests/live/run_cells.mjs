// Runs cells as the page does, in Pyodide, with Node.js instead of a browser.
// Takes JSON lines of cells on its input, and answers each with what was printed and how it ended.
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { loadPyodide } from "../../website/node_modules/pyodide/pyodide.mjs";

process.on("uncaughtException", (error) => {
  console.error(String(error.message ?? error).slice(-2000)); // the rest is Pyodide's own source
  process.exit(1);
});
const [wheel, modules] = process.argv.slice(2);
const python = await loadPyodide();
python.unpackArchive(new Uint8Array(readFileSync(wheel)), "wheel");
python.FS.mkdirTree("/modules");
python.FS.mount(python.FS.filesystems.NODEFS, { root: modules }, "/modules");
python.runPython("import sys; sys.path.append('/modules')");
const live = python.pyimport("live");
for await (const line of createInterface({ input: process.stdin })) {
  let text = "";
  const done = live.run_cells(line, (piece) => (text += piece));
  console.log(JSON.stringify({ text, ...JSON.parse(done) }));
}
