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
}
