// Python, in a thread of its own: whatever the reader's code does, the page stays alive.
// Pyodide's own two scripts stand before this one in the same file.
import { unpacked } from "./unpack.js";

const MOST_MEMORY = 16384; // pages of 64 kB: 1 GB, of which Python takes 200 MB
const NOWHERE = "https://python.invalid/"; // Pyodide asks for its files by address

let run;

onmessage = ({ data }) => (data.files ? start(data.files) : answer(data));

async function start(files) {
  try {
    // Where the page's policy forbids WebAssembly this raises; Pyodide would wait forever.
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    limitMemory();
    const texts = await (await unpacked(files["python.json"])).json();
    self.fetch = async (address) => {
      const name = String(address.url ?? address).split("/").pop();
      if (name in texts) return new Response(texts[name]);
      return unpacked(files[name], name.endsWith(".wasm") && "application/wasm");
    };
    const python = await loadPyodide({ indexURL: NOWHERE });
    const wheel = await unpacked(files["numpy.whl"]);
    python.unpackArchive(await wheel.arrayBuffer(), "wheel");
    const home = python.FS.cwd(); // where Python looks for modules
    for (const [name, text] of Object.entries(texts)) {
      const path = `${home}/${name}`;
      python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
      python.FS.writeFile(path, text);
    }
    run = python.pyimport("live").run_cells;
    postMessage({ ready: true });
  } catch (error) {
    postMessage({ failed: String(error.message ?? error) });
  }
}

function limitMemory() {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = function (sizes) {
    return new Memory({ ...sizes, maximum: MOST_MEMORY });
  };
}

function answer({ cells }) {
  try {
    const done = run(JSON.stringify(cells), (text) => postMessage({ text }));
    postMessage({ done: JSON.parse(done) });
  } catch (error) {
    // Python itself is gone: its stack ran over, or the code ended it.
    postMessage({ died: String(error.message ?? error).split("\n")[0] });
  }
}
