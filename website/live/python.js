// One Python for all boxes of a page: it starts at the first run, and again after each stop.
import { unpacked } from "./unpack.js";

const PARTS = ["core.js", "pyodide.asm.wasm", "python_stdlib.zip", "numpy.whl", "python.json"];
const SECONDS = 60; // a start that takes longer has failed

export class Python {
  constructor({ files, load }) {
    Object.assign(this, { files, load });
  }

  // Fetches and starts Python unless it runs; say(bytes, of) tells how much has come.
  ready(say = () => {}) {
    this.started ??= this.start(say).catch((error) => {
      this.end();
      throw error;
    });
    return this.started;
  }

  // The same, and shows how much has come before the element in which it is said, aloud once.
  async shown(said) {
    const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    bar.setAttribute("aria-label", "Python");
    const slow = setTimeout(() => {
      said.textContent = "Python starts. It is fetched once and kept in this browser.";
      said.before(bar);
    }, 300);
    try {
      await this.ready((come, all) => (bar.value = come / all));
    } finally {
      clearTimeout(slow);
      bar.remove();
    }
  }

  async start(say) {
    const all = PARTS.reduce((sum, part) => sum + this.files[part].bytes, 0);
    let come = 0;
    const count = (bytes) => say((come += bytes), all);
    const blobs = await Promise.all(PARTS.map((part) => this.load(part, count)));
    const files = Object.fromEntries(PARTS.map((part, at) => [part, blobs[at]]));
    const core = await (await unpacked(files["core.js"], "text/javascript")).blob();
    const address = URL.createObjectURL(core);
    this.worker = new Worker(address);
    const ready = this.message(SECONDS);
    this.worker.postMessage({ files });
    const { failed } = await ready;
    URL.revokeObjectURL(address);
    if (failed) throw new Error(failed);
  }

  // Waits for a message that is no text; the text goes to write.
  message(seconds, write = () => {}) {
    const { worker } = this;
    return new Promise((resolve, reject) => {
      this.reject = reject;
      const late = () => reject(new Error(`it has said nothing for ${seconds} seconds`));
      const timer = seconds && setTimeout(late, 1000 * seconds);
      worker.onerror = (event) => reject(new Error(event.message || "the browser refused it"));
      worker.onmessage = ({ data }) => {
        if ("text" in data) return write(data.text);
        clearTimeout(timer);
        resolve(data);
      };
    });
  }

  // Runs cells one after the other, or makes a form's call; resolves to what came of the last one,
  // or to { died } or { stopped }.
  async run(cells, write) {
    await this.ready();
    const message = this.message(0, write);
    this.worker.postMessage({ cells });
    try {
      const { done, died } = await message;
      if (died) this.end();
      return done ?? { died };
    } catch (error) {
      if (error === STOPPED) return { stopped: true };
      this.end();
      return { died: error.message };
    }
  }

  // Ends whatever runs. The next Python starts at once, from what is kept.
  stop() {
    this.reject?.(STOPPED);
    this.end();
    this.ready().catch(() => {});
  }

  end() {
    this.worker?.terminate();
    this.worker = this.started = this.reject = undefined;
  }
}

const STOPPED = new Error("stopped");
