// The editor: CodeMirror, with the colours that the page's other code has.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";

// The classes of Pygments, which the theme colours for light and dark.
const CLASSES = [
  [tags.keyword, "k"],
  [tags.operatorKeyword, "ow"],
  [[tags.bool, tags.null], "kc"],
  [tags.operator, "o"],
  [tags.number, "mi"],
  [[tags.string, tags.special(tags.string)], "s1"],
  [tags.comment, "c1"],
  [tags.function(tags.definition(tags.variableName)), "nf"],
  [tags.definition(tags.className), "nc"],
  [[tags.variableName, tags.propertyName], "n"],
];
const style = HighlightStyle.define(CLASSES.map(([tag, name]) => ({ tag, class: name })));

// Escape, then Tab, leaves the editor; Tab indents again once it is entered anew.
const leave = { key: "Escape", run: (view) => (view.setTabFocusMode(true), true) };

export function edit(place, { text, label, run, changed }) {
  const view = new EditorView({
    parent: place,
    doc: text,
    extensions: [
      history(),
      python(),
      bracketMatching(),
      indentUnit.of("    "),
      syntaxHighlighting(style),
      keymap.of([
        { key: "Shift-Enter", run },
        { key: "Mod-Enter", run },
        leave,
        ...defaultKeymap,
        ...historyKeymap,
        indentWithTab,
      ]),
      EditorView.domEventHandlers({ focus: (_, view) => void view.setTabFocusMode(false) }),
      EditorView.contentAttributes.of({
        "aria-label": label,
        "aria-multiline": "true",
        tabindex: "0", // so that a checker sees that keys can scroll it
      }),
      EditorView.updateListener.of((update) => update.docChanged && changed()),
    ],
  });
  return {
    focus: () => view.focus(),
    get text() {
      return view.state.doc.toString();
    },
    set text(insert) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert } });
    },
  };
}
