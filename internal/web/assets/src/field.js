// The crew's phone. Without this the page is plain forms. Where the phone trusts the centre (a service worker can be had)
// an outcome is first kept on the phone, then sent; what cannot go now goes when there is a link. Each has a token of its
// own, so that sending it twice counts once. When the run has ended, what the phone kept of it is wiped.
import { store } from "./kit/kept.js";

const retry = 15000; // ms between tries while something is kept
const tooOld = 48 * 3600 * 1000; // ms: no code opens that long, nobody would take it
const worker = "/f/worker.js";

const page = document.querySelector("[data-field]");
const over = document.querySelector("[data-field-over]");
const here = page || over;

const able = "AbortSignal" in window && "timeout" in AbortSignal && "SubmitEvent" in window; // else plain forms do

if (here && able && "serviceWorker" in navigator && "indexedDB" in window) begin();
if (page && able) steps();

async function begin() {
  let kept;
  try {
    const registered = await navigator.serviceWorker.register(worker, { scope: "/f/" });
    kept = await store();
    await kept.forget(Date.now() - tooOld);
    if (page) keepPage(registered);
  } catch {
    return; // no trust, no room: plain forms do
  }
  const queue = sender(kept);
  if (page) outcomes(kept, queue);
  addEventListener("online", queue.send);
  setInterval(queue.send, retry);
  await queue.send();
  if (over && (await queue.mine()).length === 0) await wipe(kept);
}

/** Tells the worker to keep this page and what it needs, for when there is no link. */
async function keepPage(registered) {
  await navigator.serviceWorker.ready;
  const parts = performance.getEntriesByType("resource").map((e) => new URL(e.name)).filter((u) => u.origin === location.origin && u.pathname.startsWith("/assets/"));
  registered.active.postMessage({ keep: [location.pathname, ...new Set(parts.map((u) => u.pathname))] });
}

async function wipe(kept) {
  await kept.clear(location.pathname);
  const registered = await navigator.serviceWorker.getRegistration("/f/");
  if (registered && registered.active) registered.active.postMessage({ wipe: location.pathname });
}

/** Sends what is kept, one after the other, and says at the top what has not gone. */
function sender(kept) {
  const line = here.querySelector("[data-kept-line]");
  const refused = here.querySelector("[data-refused-line]");
  const words = page ? JSON.parse(page.dataset.kept) : [];
  let busy = null;
  const mine = () => kept.all(location.pathname);
  const say = async () => {
    const n = (await mine()).length;
    line.hidden = n === 0;
    line.textContent = n === 0 ? "" : words[Math.min(n, words.length - 1)] || String(n);
  };
  const told = (entry, why) => {
    refused.hidden = false;
    const p = document.createElement("p");
    p.textContent = here.dataset.refused + " " + entry.stop + " · " + entry.word + ". " + why;
    refused.append(p);
  };
  const run = async () => {
    for (const entry of await mine()) {
      const answer = await post(entry).catch(() => null);
      if (!answer || answer.status >= 500 || answer.status === 429) break; // no link, or not now: it stays
      if (answer.ok) mark(entry.stop, entry.word);
      else told(entry, await reason(answer));
      await kept.drop(entry.id);
    }
    await say();
  };
  const send = () => (busy ||= run().finally(() => (busy = null)));
  return { send, mine, say };
}

async function reason(answer) {
  try {
    return (await answer.json()).detail || "";
  } catch {
    return "";
  }
}

function post(entry) {
  const ago = Math.max(0, Math.round((Date.now() - entry.made) / 1000)); // also with a typed time: what is newer counts
  const body = new URLSearchParams({ form_token: entry.id, result: entry.result, note: entry.note, at: entry.at, ago: String(ago) });
  return fetch(entry.page + "/stops/" + entry.stop, {
    method: "POST",
    body,
    headers: { "HX-Request": "true", Accept: "application/json" },
    signal: AbortSignal.timeout(20000),
  });
}

/** Shows at a stop what came of it; waits says that it is still on the phone. */
function mark(stop, word, waits) {
  const place = page && page.querySelector(`[data-stop-at="${stop}"] [data-state]`);
  if (!place) return;
  const badge = document.createElement("span");
  badge.className = waits ? "badge tone-wait" : "badge tone-good";
  badge.textContent = waits ? word + " · " + waits : word;
  place.replaceChildren(badge);
}

function outcomes(kept, queue) {
  page.addEventListener("submit", async (e) => {
    const form = e.target.closest("form[data-stop]");
    if (!form || !e.submitter) return;
    e.preventDefault();
    free(form);
    const stop = Number(form.dataset.stop);
    const entry = {
      id: crypto.randomUUID(), page: location.pathname, stop, result: e.submitter.value, word: e.submitter.textContent.trim(),
      note: form.elements.note.value, at: form.elements.at.value, made: Date.now(),
    };
    try {
      await kept.put(entry);
    } catch {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "result", value: entry.result }));
      form.submit(); // no room on the phone: as a plain form
      return;
    }
    mark(stop, entry.word, here.dataset.waits);
    form.reset();
    open(stop + 1);
    await queue.say();
    await queue.send();
  });
  kept.all(location.pathname).then((all) => {
    for (const entry of all) mark(entry.stop, entry.word, here.dataset.waits);
    if (all.length > 0) open(1); // the page as it was kept does not know of them
  });
}

function free(form) {
  delete form.dataset.sent; // the kit's guard against a second click is for pages that go away
  for (const b of form.querySelectorAll("[aria-busy]")) b.removeAttribute("aria-busy");
}

/** Opens the next stop of which nothing is known, from this one on. */
function open(from) {
  const all = [...page.querySelectorAll("[data-stop-at]")];
  for (const d of all) d.open = false;
  const next = [...all.slice(from - 1), ...all].find((d) => !d.querySelector("[data-state]").childElementCount);
  if (!next) return;
  next.open = true;
  next.scrollIntoView({ block: "start" });
  next.querySelector("summary").focus({ preventScroll: true });
}

/** Out, all is well, home: these are not kept, for a crew that cannot be heard of must ring. */
function steps() {
  page.addEventListener("submit", async (e) => {
    const form = e.target.closest("form[data-step]");
    if (!form || !e.submitter) return;
    e.preventDefault();
    const line = here.querySelector("[data-refused-line]");
    const body = new URLSearchParams(new FormData(form, e.submitter));
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true", Accept: "application/json" }, signal: AbortSignal.timeout(20000) });
      if (answer.ok) {
        location.replace(location.pathname);
        return;
      }
      line.textContent = await reason(answer);
    } catch {
      line.textContent = page.dataset.noLink;
    }
    line.hidden = false;
    free(form);
  });
}
