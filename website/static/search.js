// The search page: ranks the parts of all pages by any of the words that are typed.
// MiniSearch and the texts come with the first letter, as scripts, so that files can load them too.

{
  const MOST = 30; // results
  const AROUND = 110; // letters of the excerpt on each side of the first word found
  const NUMBER = /^\d/;
  const WORD = /\d+(?:\.\d+)*(?:e[+-]?\d+)?|[\p{L}_][\p{L}\p{N}_]*/giu;
  const COMMON = new Set(
    "a an and are as at be by for from has in is it its of on or the to with".split(" "),
  );
  // A list of links explains nothing; a symptom is what readers come with.
  const WEIGHTS = { "chapters/reference/names.html": 0.3, "chapters/reference/symptoms.html": 1.5 };
  const FIELDS = ["address", "page", "title", "text"];

  // A name is found by itself and by its parts: val_accuracy by accuracy, BinaryAccuracy by binary.
  function words(text) {
    return text.match(WORD) || [];
  }

  function forms(word) {
    const parts = NUMBER.test(word) ? [] : word.split(/_|(?<=\p{Ll})(?=\p{Lu})/u);
    const all = [word, ...(parts.length > 1 ? parts.filter((part) => part.length > 2) : [])];
    return [...new Set(all.map((form) => form.toLowerCase()))].filter((form) => !COMMON.has(form));
  }

  let index;

  function makeIndex() {
    index = new MiniSearch({
      fields: FIELDS.slice(1),
      storeFields: FIELDS,
      tokenize: words,
      processTerm: forms,
      searchOptions: {
        boost: { title: 3, page: 1.5 },
        prefix: (term) => term.length > 2,
        boostDocument: (id, term, { address }) => WEIGHTS[address.split("#")[0]] || 1,
        fuzzy: (term) => !NUMBER.test(term) && term.length > 3 && 0.2,
      },
    });
    const named = (row) => Object.fromEntries(FIELDS.map((name, at) => [name, row[at]]));
    index.addAll(SEARCH_TEXTS.map((row, id) => ({ id, ...named(row) })));
  }

  // The best first: a part that holds all of the words goes before one that repeats some.
  function search(query) {
    const asked = new Set(words(query).flatMap(forms)).size;
    return index
      .search(query)
      .map((found) => ({ ...found, score: found.score * (found.queryTerms.length / asked) ** 2 }))
      .sort((one, other) => other.score - one.score);
  }

  function load(name) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      Object.assign(script, { src: `_static/${name}`, onload: resolve, onerror: reject });
      document.head.append(script);
    });
  }

  let loading;
  function ready() {
    loading ??= Promise.all(["minisearch.js", "search-texts.js"].map(load)).then(makeIndex);
    return loading;
  }

  function element(tag, className, ...children) {
    const made = document.createElement(tag);
    made.className = className;
    made.append(...children);
    return made;
  }

  function marked(text, isFound) {
    const pieces = [];
    let end = 0;
    for (const { 0: word, index: start } of text.matchAll(WORD)) {
      if (!isFound(word)) continue;
      pieces.push(text.slice(end, start), element("span", "highlighted", word));
      end = start + word.length;
    }
    return [...pieces, text.slice(end)];
  }

  function excerpt(text, isFound) {
    const first = [...text.matchAll(WORD)].find(([word]) => isFound(word));
    const start = Math.max(0, (first?.index ?? 0) - AROUND);
    const cut = text.slice(start, start + 2 * AROUND);
    const begin = start ? cut.indexOf(" ") + 1 : 0;
    const whole = start + 2 * AROUND >= text.length;
    const end = whole ? cut.length : cut.lastIndexOf(" ");
    return [start ? "… " : "", ...marked(cut.slice(begin, end), isFound), whole ? "" : " …"];
  }

  function item({ address, page, title, text, terms }) {
    const isFound = (word) => forms(word).some((form) => terms.includes(form));
    const name = title === page ? [] : [element("span", "search-page", ` — ${page}`)];
    const link = element("a", "", ...marked(title, isFound), ...name);
    link.href = address;
    return element("li", "", link, element("p", "context", ...excerpt(text, isFound)));
  }

  function inWords(found) {
    if (!found.length) return "Found nowhere in the book. Try another word, or fewer letters.";
    const pages = new Set(found.map(({ page }) => page)).size;
    const best = found.length > MOST ? ` The best ${MOST} are shown.` : "";
    return `Found in ${found.length} places on ${pages} pages.${best}`;
  }

  const field = document.querySelector(".bd-search-container input"); // not the hidden dialog's
  const summary = element("p", "search-summary");
  const list = element("ul", "search");
  summary.setAttribute("role", "status");
  document.getElementById("search-results").append(summary, list);

  async function show() {
    const query = field.value.trim();
    if (query) await ready();
    if (query !== field.value.trim()) return; // another letter was typed meanwhile
    const found = query ? search(query) : [];
    summary.textContent = query && inWords(found);
    list.replaceChildren(...found.slice(0, MOST).map(item));
    history.replaceState(null, "", query ? `?q=${encodeURIComponent(query)}` : location.pathname);
  }

  field.value = new URLSearchParams(location.search).get("q") || "";
  field.addEventListener("input", show);
  field.form.addEventListener("submit", (event) => event.preventDefault());
  // The theme marks these words on the page that is opened next.
  list.addEventListener("click", () =>
    localStorage.setItem("sphinx_highlight_terms", field.value.trim().toLowerCase()),
  );
  if (field.value) show();
  field.focus();
}
