// Drafts. <form data-draft="/call/draft" data-draft-failed="…words…"> is posted there a second after it was
// changed; the server's answer, "saved 14:32:41", is shown in [data-draft-state].
// data-draft-at is the address that opens this draft again.

function watch(form) {
  const state = form.querySelector("[data-draft-state]") || document.querySelector("[data-draft-state]");
  let changed = false;
  let sending = null; // the saving under way
  let sent = false; // the form itself has gone: a draft after it would bring it back

  const say = (text, failed) => {
    if (!state) return;
    state.textContent = text;
    state.classList.toggle("tone-urgent", failed);
  };
  const send = async () => {
    changed = false;
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { "HX-Request": "true" },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      say(await answer.text(), false);
      if (form.dataset.draftAt) history.replaceState(history.state, "", form.dataset.draftAt); // a reload finds this draft
    } catch {
      changed = true; // again in a second, for as long as it takes
      say(form.dataset.draftFailed, true);
    }
    sending = null;
  };
  const save = () => {
    if (changed && !sending && !sent) sending = send();
    return sending;
  };
  const timer = setInterval(() => {
    if (form.isConnected) save();
    else clearInterval(timer);
  }, 1000);
  // The button that locks the screen ends the session, and no draft can be saved after that: it waits for this one.
  let locking = "";
  document.addEventListener("submit", (e) => {
    const lock = e.target;
    if (lock.getAttribute("action") !== "/lock" || locking === "now" || !form.isConnected || sent) return;
    if (!locking && !changed && !sending) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    if (locking) return;
    locking = "soon";
    const all = async () => {
      await sending;
      await save();
    };
    Promise.race([all(), new Promise((done) => setTimeout(done, 3000))]).then(() => {
      locking = "now";
      if (!changed && form.dataset.draftAt && lock.elements.back) lock.elements.back.value = form.dataset.draftAt; // to come back to it
      lock.requestSubmit();
    });
  }, true);
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("change", () => (changed = true));
  form.addEventListener("submit", () => (sent = true));
  form.addEventListener("htmx:responseError", () => (sent = false));
  window.addEventListener("pagehide", () => {
    if (changed && !sent) navigator.sendBeacon(form.dataset.draft, new URLSearchParams(new FormData(form)));
  });
  window.addEventListener("pageshow", () => {
    sent = false;
    locking = "";
  });
}

export function drafts() {
  const seen = new WeakSet();
  const all = () => {
    for (const form of document.querySelectorAll("form[data-draft]")) {
      if (!seen.has(form)) watch(form);
      seen.add(form);
    }
  };
  all();
  document.addEventListener("htmx:afterSettle", all);
}
