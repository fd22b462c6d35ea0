// What the book adds to the theme's scripts on every page.
{
  // 'On this page' marks the section that is being read.
  const links = [...document.querySelectorAll(".bd-toc-nav a")];
  const top = (link) =>
    document.getElementById(decodeURIComponent(link.hash.slice(1)))?.getBoundingClientRect().top;
  const follow = () => {
    const passed = links.filter((link) => top(link) < innerHeight / 3);
    for (const link of links) link.classList.toggle("active", link === passed.at(-1));
  };
  let waiting;
  const soon = () => { waiting ??= requestAnimationFrame(() => { waiting = null; follow(); }); };
  for (const event of ["scroll", "resize"]) addEventListener(event, soon, { passive: true });
  follow();

  // A menu of the header shuts when the reader goes elsewhere.
  const menus = [...document.querySelectorAll("details.dropdown")];
  const shut = (except) => menus.forEach((menu) => { menu.open &&= menu.contains(except); });
  for (const event of ["click", "focusin"]) addEventListener(event, ({ target }) => shut(target));
  addEventListener("keydown", ({ key }) => {
    const open = key === "Escape" && menus.find((menu) => menu.open);
    if (open) { shut(); open.querySelector("summary").focus(); }
  });

  // Pages that were read to their end bear a mark in the list of pages. The list of them stays in
  // this browser, and one click switches it off and forgets it.
  const KEY = "pages-read";
  const get = () => { try { return localStorage.getItem(KEY); } catch { return "off"; } };
  const set = (value) => { try { localStorage.setItem(KEY, value); } catch { /* nothing is kept */ } };
  const pages = () => { try { return [JSON.parse(get() || "[]")].flat(); } catch { return []; } };
  const entries = [...document.querySelectorAll(".bd-docs-nav a")];
  const name = (link) => (link.getAttribute("href") === "#" ? location.pathname : link.pathname);
  const mark = () => {
    const read = pages();
    for (const link of entries) link.classList.toggle("read", read.includes(name(link)));
  };
  const nav = document.querySelector(".bd-docs-nav");
  const end = document.querySelector(".prev-next-footer");
  if (nav && end) {
    const note = document.createElement("p");
    const button = document.createElement("button");
    const show = () => {
      const off = get() === "off";
      note.firstChild.data = off ? "Pages that you have read are not marked. "
        : "Pages that you have read get a ✓, kept in this browser alone. ";
      button.textContent = off ? "Mark them" : "Do not mark them";
      mark();
    };
    note.className = "pages-read";
    note.append("", button);
    button.type = "button";
    button.addEventListener("click", () => {
      set(get() === "off" ? "[]" : "off");
      show();
    });
    nav.append(note);
    show();
    new IntersectionObserver(([{ isIntersecting }]) => {
      if (!isIntersecting || get() === "off") return;
      set(JSON.stringify([...new Set([...pages(), location.pathname])]));
      mark();
    }).observe(end);
  }
}
