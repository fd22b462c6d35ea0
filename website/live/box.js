// A box: one cell of the page as an editor, with what its code prints below.
import { download } from "./download.js";
import { answer, shut } from "./form.js";
import { codeOf, keep, startOf } from "./kept.js";
import css from "./live.css";
import { Python } from "./python.js";

const SETUP = "div.cell.tag_setup:not(.tag_live, .tag_by-hand)";
const ANSWER = "div.cell.tag_your-turn";
const PROGRESS = document.querySelector("div.cell.tag_progress"); // of a homework, the last cell
// What a cell may build on: of a homework, the answers above it too.
const BASIS = `div.cell:is(.tag_setup, .tag_by-hand, .tag_live)${PROGRESS ? `, ${ANSWER}` : ""}`;
const LABEL = "Code. Escape, then Tab, leaves the editor; Shift and Enter run the code.";
const BUSY = "Another box runs. Stop it first.";
const UNKEPT = "This browser keeps nothing for the page: copy your code before you leave.";
const DONE = { Run: "Ran", Check: "Checked", "Check all": "Checked." };
const LATER = "live-later"; // the class of what shows after a first try

const boxes = new Map(); // by their cell's element
let python;
let following; // the table of points, after a check

// Makes a box of the cell whose button was pressed, and runs it; an answer is written first. The
// button of a form asks for its answer instead.
export async function open(button, site) {
  python ??= new Python(site);
  if (button.form?.dataset.call) return answer(button.form, button, python, busy() && BUSY);
  const cell = button.closest("div.cell");
  if (button.dataset.live === "download") return hand(button);
  if (boxes.has(cell)) return; // pressed twice
  const box = boxOf(cell);
  await box.make(site);
  if (!box.check) return box.run();
  box.editor.focus();
  await box.ready();
}

function boxOf(cell) {
  if (!boxes.size) document.head.append(element("style", { textContent: css }));
  if (!boxes.has(cell)) boxes.set(cell, new (cell === PROGRESS ? Progress : Box)(cell));
  return boxes.get(cell);
}

class Box {
  constructor(cell) {
    this.cell = cell;
    this.bar = cell.querySelector(".live-bar");
    this.original = startOf(cell);
    this.code = cell.querySelector(".cell_input");
    this.shown = cell.querySelector(".cell_output");
    this.check = cell.matches(ANSWER) && next(cell, ".tag_check");
    this.action = this.state = this.check ? "Check" : "Run";
    this.said = this.bar.querySelector("output");
    this.main = element("button", { type: "button", className: "live-main" });
    this.main.onclick = () => this.press();
    this.printed = element("pre", { tabIndex: 0, role: "group" });
    this.printed.setAttribute("aria-label", "Output");
  }

  async make({ script }) {
    const { edit } = await script("editor.js");
    const place = element("div", { className: "highlight live-editor" });
    const settings = { text: sourceOf(this.cell), label: LABEL, run: () => (this.press(), true) };
    settings.changed = () => this.changed();
    this.editor = edit(place, settings);
    [...this.code.children].forEach((child) => (child.hidden = true));
    this.code.append(place);
    this.again = element("button", { type: "button", textContent: "Start again" });
    this.again.ariaDisabled = settings.text === this.original;
    this.bar.querySelector("[data-live]").replaceWith(this.main, this.again);
    this.printed.setAttribute("aria-live", "polite");
    this.again.onclick = () => this.reset();
    this.main.focus();
    this.enter(this.action);
  }

  async press() {
    if (this.state === "Stop") return python.stop();
    await following;
    if (this.state === this.action) this.run();
  }

  changed() {
    const { text } = this.editor;
    this.again.ariaDisabled = text === this.original;
    if (this.check && !keep(this.bar, this.original, text)) this.said.textContent = UNKEPT;
  }

  reset() {
    this.editor.text = this.original;
    this.said.textContent = "The code is as it was.";
    this.changed();
  }

  async run() {
    if (busy()) return void (this.said.textContent = BUSY);
    if (!(await this.ready())) return;
    this.enter("Stop");
    this.empty();
    const written = this.editor?.text;
    const done = await python.run(this.cells(), (text) => this.show(text));
    this.said.textContent = summary(done, DONE[this.action] ?? "Ran");
    this.enter(this.action);
    if (this.check) await this.tried(!done.stopped && !done.died && written);
  }

  // Shows what shows after a try; takes the answer that a check came to an end with.
  async tried(ended) {
    this.check.classList.remove(LATER);
    next(this.check, ".tag_solution")?.classList.remove(LATER);
    this.ended = ended;
    if (PROGRESS && ended) await (following = boxOf(PROGRESS).follow());
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
  // followed by its check.
  cells() {
    const above = all(BASIS).filter((cell) => isBefore(cell, this.cell)).map(sent);
    const own = { ...sent(this.cell), aloud: true };
    return this.check ? [...above, own, checking(this.check)] : [...above, own];
  }

  show(text) {
    this.printed.append(text);
  }

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

// The table of a homework's points: it checks the answers, and has nothing to edit.
class Progress extends Box {
  constructor(cell) {
    super(cell);
    this.action = this.state = "Check all";
    this.bar.querySelector("[data-live]").replaceWith(this.main);
    this.enter(this.action);
  }

  async make() {
    this.main.focus();
  }

  // Shows the points after a check, but for answers that were written and not checked since: one
  // of them may never end.
  async follow() {
    this.known = (answer) =>
      textOf(answer) === startOf(answer) || textOf(answer) === boxes.get(answer)?.ended;
    await this.run();
    this.known = undefined;
  }

  cells() {
    const answers = all(ANSWER).filter(this.known ?? (() => true));
    const checks = answers.flatMap((cell) => [sent(cell), checking(next(cell, ".tag_check"))]);
    return [...all(SETUP).map(sent), ...checks, sent(this.cell)];
  }
}

// Hands over the notebook with the answers, opened or not.
async function hand({ parentElement: bar, dataset }) {
  const said = bar.querySelector("output");
  const named = all("[data-answer]").map((each) => [each.dataset.answer, each.closest("div.cell")]);
  const answers = Object.fromEntries(named.map(([name, cell]) => [name, textOf(cell)]));
  try {
    const name = await download(dataset.notebook, answers);
    said.textContent = `${name} has your answers. Hand it in.`;
  } catch (error) {
    said.textContent = `The notebook did not come: ${error.message}. Press Download to try again.`;
  }
}

function busy() {
  return shut.size > 0 || [...boxes.values()].some((box) => box.state !== box.action);
}

function isBefore(one, other) {
  return one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
}

function next(cell, kind) {
  return all(kind).find((each) => isBefore(cell, each));
}

function all(kind) {
  return [...document.querySelectorAll(kind)];
}

function textOf(cell) {
  return boxes.get(cell)?.editor?.text ?? sourceOf(cell);
}

// A cell in the form in which Python gets it, and the cell of a check, with what was recorded for it.
function sent(cell) {
  return { source: textOf(cell), setup: cell.matches(SETUP), answer: cell.matches(ANSWER) };
}

function checking(check) {
  const recorded = check.querySelector("script").textContent;
  return { source: sourceOf(check), recorded };
}

function sourceOf(cell) {
  return codeOf(cell).textContent.trimEnd();
}

function summary({ ms, error, died, stopped }, ended) {
  if (stopped) return "Stopped.";
  if (died) return `The code ended Python (${died}). The next run starts it anew.`;
  if (error) return `Ended by ${error}.`;
  if (ended === DONE["Check all"]) return ended;
  return `${ended} in ${ms < 1 ? "less than 1" : Math.round(ms)} ms.`;
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
