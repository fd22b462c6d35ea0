// A form whose values a function of the book's answers, in Python: with a sentence, and with HTML.
// What must last from one press to the next stands in that HTML, in a hidden control.
export const shut = new Set(); // forms that wait for an answer

export async function answer(form, button, python, refusal) {
  const said = form.querySelector("output");
  if (shut.has(form)) return;
  if (refusal) return void (said.textContent = refusal);
  const values = Object.fromEntries(new FormData(form));
  shut.add(form);
  try {
    await python.shown(said);
    const request = { call: form.dataset.call, values: { ...values, button: button?.value ?? "" } };
    const { said: words, html, died } = await python.run(request, () => {});
    said.textContent = words ?? `The code ended Python (${died}). Press again to start it anew.`;
    if (html) form.parentElement.querySelector(".live-shown").innerHTML = html;
  } catch (error) {
    said.textContent = `Python did not start: ${error.message}. Press the button to try again.`;
  } finally {
    shut.delete(form);
  }
  // A choice tagged so is a press of its own, once Python is there.
  form.onchange = ({ target }) => "press" in target.dataset && answer(form, null, python);
}
