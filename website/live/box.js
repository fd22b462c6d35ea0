// A box: one cell of the page as an editor, with what its code prints below.
import { answer, shut } from "./form.js";
import css from "./live.css";
import { Python } from "./python.js";

const CELLS = "div.cell:is(.tag_setup, .tag_by-hand, .tag_live)"; // what a cell may build on
const LABEL = "Code. Escape, then Tab, leaves the editor; Shift and Enter run the code.";
const MOST_HTML = 1e6; // letters of an answer
const BUSY = "Another box runs. Stop it first.";
const LATER = "live-later"; // the class of what shows after a first try

const boxes = new Map(); // by their cell's element
let python;

// Makes a box of the cell whose button was pressed, and runs it; an answer is written first. The
// button of a form asks for its answer instead.
export async function open(button, site) {
  python ??= new Python(site);
  if (button.form?.dataset.call) return answer(button.form, button, python, busy() && BUSY);
  const cell = button.closest("div.cell");
  if (boxes.has(cell)) return; // pressed twice
  if (!boxes.size) document.head.append(element("style", { textContent: css }));
  const box = new (button.form?.dataset.module ? Form : Box)(cell, button.parentElement);
  boxes.set(cell, box);
  await box.make(site);
  if (!box.check) return box.run();
  box.editor.focus();
  await box.ready();
}

class Box {
  constructor(cell, bar) {
    this.cell = cell;
    this.bar = bar;
    this.original = sourceOf(cell);
    this.code = cell.querySelector(".cell_input");
    this.shown = cell.querySelector(".cell_output");
    this.check = cell.matches(".tag_your-turn") && next(cell, ".tag_check");
    this.action = this.state = this.check ? "Check" : "Run";
  }

  async make({ script }) {
    const place = element("div", { className: "highlight live-editor" });
    const settings = { text: this.original, label: LABEL, run: () => (this.press(), true) };
    settings.changed = () => this.again.ariaDisabled = false;
    const made = await script("editor.js").catch(() => plain);
    this.editor = (made.edit ?? plain)(place, settings);
    [...this.code.children].forEach((child) => (child.hidden = true));
    this.code.append(place);
    this.main = element("button", { type: "button", className: "live-main" });
    this.again = element("button", { type: "button", textContent: "Start again" });
    this.again.ariaDisabled = true;
    this.bar.querySelector("[data-live]").replaceWith(this.main, this.again);
    this.said = this.bar.querySelector("output");
    this.printed = element("pre", { tabIndex: 0 });
    this.printed.setAttribute("aria-label", "Output");
    this.printed.setAttribute("aria-live", "polite");
    this.main.onclick = () => this.press();
    this.again.onclick = () => this.reset();
    this.main.focus();
    this.enter(this.action);
  }

  press() {
    if (this.state === "Stop") python.stop();
    else if (this.state === this.action) this.run();
  }

  reset() {
    this.editor.text = this.original;
    this.again.ariaDisabled = true;
    this.said.textContent = "The code is as it was.";
  }

  async run() {
    if (busy()) return void (this.said.textContent = BUSY);
    if (!(await this.ready())) return;
    this.enter("Stop");
    this.empty();
    const done = await python.run(this.cells(), (text) => this.show(text));
    this.said.textContent = summary(done, this.check ? "Checked" : "Ran");
    this.enter(this.action);
    this.end(done);
    if (!this.check) return;
    this.check.classList.remove(LATER);
    next(this.check, ".tag_solution").classList.remove(LATER);
  }

  // Resolves to whether Python is there; where it is not, says why.
  async ready() {
    this.enter("Starting");
    this.said.textContent = "";
    try {
      await python.shown(this.said);
      this.said.textContent = "";
      return true;
    } catch (error) {
      this.said.textContent = `Python did not start: ${error.message}. ${this.action} to try again.`;
    } finally {
      this.enter(this.action);
    }
  }

  enter(state) {
    this.state = this.main.textContent = state;
    this.main.ariaDisabled = state === "Starting";
  }

  // The cells that run: those above, as the reader has changed them, and this one. An answer is
  // followed by its check, with what was recorded for it.
  cells() {
    const all = [...document.querySelectorAll(CELLS)];
    const above = all.filter((cell) => isBefore(cell, this.cell)).map((cell) => ({
      source: boxes.get(cell)?.editor.text ?? sourceOf(cell),
      setup: cell.matches(".tag_setup:not(.tag_live, .tag_by-hand)"),
    }));
    const own = { source: this.editor.text, aloud: true };
    if (!this.check) return [...above, own];
    const recorded = this.check.querySelector("script").textContent;
    return [...above, own, { source: sourceOf(this.check), recorded }];
  }

  show(text) {
    this.printed.append(text);
  }

  end() {}

  empty() {
    this.shown?.remove();
    this.printed.textContent = "";
    if (this.printed.isConnected) return;
    const output = element("div", { className: "output stream" });
    output.append(this.printed);
    const frame = element("div", { className: "cell_output docutils container" });
    frame.append(output);
    this.bar.after(frame);
  }
}

// A form: its fields go to a function in Python, and the HTML that comes of them shows below.
class Form extends Box {
  async make() {
    this.main = this.bar.querySelector("[data-live]");
    this.main.removeAttribute("data-live");
    this.main.onclick = () => this.press();
    this.action = this.state = this.main.textContent;
    this.said = this.bar.querySelector("output");
    this.printed = element("div", { ariaLive: "polite" });
  }

  cells() {
    const { form } = this.main;
    const fields = JSON.stringify(JSON.stringify(Object.fromEntries(new FormData(form))));
    const source = `from ${form.dataset.module} import answer\nprint(answer(${fields}))`;
    return [{ source, most: MOST_HTML }];
  }

  show(text) {
    this.html += text;
  }

  end({ error }) {
    this.printed[error ? "textContent" : "innerHTML"] = this.html;
  }

  empty() {
    super.empty();
    this.printed.parentElement.className = "output text_html";
    this.html = "";
  }
}

function busy() {
  return shut.size > 0 || [...boxes.values()].some((box) => box.state !== box.action);
}

function isBefore(one, other) {
  return one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
}

function next(cell, kind) {
  return [...document.querySelectorAll(kind)].find((each) => isBefore(cell, each));
}

function sourceOf(cell) {
  return cell.querySelector(".cell_input pre").textContent.trimEnd();
}

function summary({ ms, error, died, stopped }, ended) {
  if (stopped) return "Stopped.";
  if (died) return `The code ended Python (${died}). The next run starts it anew.`;
  return error ? `Ended by ${error}.` : `${ended} in ${ms < 1 ? "less than 1" : Math.round(ms)} ms.`;
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

// What stands in for the editor where it did not come.
function plain(place, { text, label, run, changed }) {
  const area = element("textarea", { value: text, rows: text.split("\n").length + 1 });
  area.setAttribute("aria-label", label);
  area.spellcheck = false;
  area.oninput = changed;
  area.onkeydown = (event) => {
    if (event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run();
    }
  };
  place.append(area);
  return {
    focus: () => area.focus(),
    get text() {
      return area.value;
    },
    set text(value) {
      area.value = value;
    },
  };
}
