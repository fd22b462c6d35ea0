// Stands in every page with code that runs. It fetches nothing before the first click on a
// [data-live] button, and keeps what it fetched: a later visit asks no host, offline or not.
import { show } from "./kept.js";
import { unpacked } from "./unpack.js";

const files = FILES; // by name: the digest in its address, and its bytes
const base = new URL(BASE, document.baseURI).href;
const addressOf = (name) => `${base}${name}.gz?v=${files[name].digest}`;
let opened;

async function keep() {
  if (!self.caches) return null; // http without encryption, or a private window
  const kept = await caches.open(`Python in the page of ${base}`);
  const now = new Set(Object.keys(files).map(addressOf));
  for (const { url } of await kept.keys()) if (!now.has(url)) await kept.delete(url);
  return kept;
}

async function load(name, count = () => {}) {
  const kept = await keep().catch(() => null);
  const found = await kept?.match(addressOf(name));
  if (found) return found.blob();
  const answer = await fetch(addressOf(name));
  if (!answer.ok) throw new Error(`the host answered ${answer.status} for ${name}`);
  const parts = [];
  for (const reader = answer.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    count(value.length);
  }
  const blob = new Blob(parts);
  await kept?.put(addressOf(name), new Response(blob)).catch(() => {}); // the disk may be full
  return blob;
}

async function script(name) {
  const code = await unpacked(await load(name), "text/javascript");
  return import(URL.createObjectURL(await code.blob()));
}

document.querySelectorAll("[data-answer]").forEach(show);

addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-live]");
  if (!button) return;
  const said = button.parentElement.querySelector("output");
  said.textContent = "";
  try {
    if (location.protocol === "file:") {
      throw new Error("browsers run Python only on a page from the web, and this is a file");
    }
    opened ??= script("box.js");
    await (await opened).open(button, { files, load, script });
  } catch (error) {
    opened = undefined;
    document.querySelectorAll(".live-later").forEach((cell) => cell.classList.remove("live-later"));
    said.textContent = `Python did not start: ${error.message}. Press the button to try again.`;
  }
});
