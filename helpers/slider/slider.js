// Puts the frame of the controls' stops in place. Runs once for each slider on the page.
for (const slider of document.querySelectorAll(".book-slider:not([data-ready])")) {
  slider.dataset.ready = "";
  // Read at the first move: until then a page has nothing to wait for.
  let data;
  const read = () =>
    JSON.parse(slider.querySelector('script[type="application/json"]').textContent);
  const controls = [...slider.querySelectorAll(".controls input, .controls select")];
  const words = slider.querySelector(".words");
  const picture = slider.querySelector(".picture");
  const stop = (control, k) =>
    control.type === "checkbox" ? data.labels[k].indexOf(control.checked ? "on" : "off")
    : control.type === "range" ? Number(control.value)
    : control.selectedIndex;
  const show = () => {
    data ??= read();
    let frame = 0;
    controls.forEach((control, k) => {
      const at = stop(control, k);
      frame = frame * data.sizes[k] + at;
      if (control.type !== "range") return;
      control.setAttribute("aria-valuetext", data.labels[k][at]);
      control.nextElementSibling.textContent = data.labels[k][at];
    });
    picture.innerHTML = data.frames[frame].map((line) => data.lines[line]).join("\n");
    picture.setAttribute("aria-label", "Chart: " + data.words[frame]);
    words.textContent = data.words[frame];
  };
  for (const control of controls) control.addEventListener("input", show);
  // On paper nothing moves: a slider is printed where it started, and then stands where it was left.
  const place = (stops) => {
    controls.forEach((c, k) => { c[c.type === "checkbox" ? "checked" : "value"] = stops[k]; });
    show();
  };
  const stops = () => controls.map((c) => (c.type === "checkbox" ? c.checked : c.value));
  const first = stops();
  let left = first;
  const differs = () => String(left) !== String(first);
  addEventListener("beforeprint", () => { left = stops(); if (differs()) place(first); });
  addEventListener("afterprint", () => { if (differs()) place(left); });
}
