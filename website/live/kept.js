// What the reader has written for an answer. It is kept in this browser alone, with the start that
// it grew from: where the page has another start by now, it is not shown.
const keyOf = (bar) => `${location.pathname} ${bar.dataset.answer}`;

export const codeOf = (cell) => cell.querySelector(".cell_input pre");
export const startOf = (cell) => (codeOf(cell).dataset.start ?? codeOf(cell).textContent).trimEnd();

// Shows it in the cell of the answer, where there is one.
export function show(bar) {
  const cell = bar.closest("div.cell");
  const start = startOf(cell);
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(bar)));
    if (kept?.start !== start) return;
    codeOf(cell).textContent = kept.text;
    codeOf(cell).dataset.start = start;
  } catch {
    // A browser that keeps nothing for this page: keep() says so.
  }
}

// Returns whether it is kept. What is as it was at the start needs not be.
export function keep(bar, start, text) {
  try {
    if (text === start) localStorage.removeItem(keyOf(bar));
    else localStorage.setItem(keyOf(bar), JSON.stringify({ start, text }));
    return true;
  } catch {
    return false;
  }
}
