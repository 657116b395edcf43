// Answers to choose from while one types: <input data-answers-in="where"> and, in the element of that id, buttons in
// [data-answers]. The down arrow goes from the field to the first, arrows go along them, Esc goes back; Enter or a click
// writes what data-set says into the form and goes on to the field of data-then. Without scripts a button is sent.

const field = (list) => {
  const part = list.closest("[id]");
  return part && document.querySelector(`[data-answers-in="${part.id}"]`);
};

function step(e) {
  const button = e.target.closest && e.target.closest("[data-answers] button");
  if (button) {
    const all = [...button.closest("[data-answers]").querySelectorAll("button")];
    const at = all.indexOf(button);
    if (e.key === "ArrowDown") return all[Math.min(at + 1, all.length - 1)];
    if (e.key === "ArrowUp") return at === 0 ? field(button) : all[at - 1];
    if (e.key === "Escape") return field(button);
    return null;
  }
  if (e.key === "ArrowDown" && e.target.dataset && e.target.dataset.answersIn) {
    return document.querySelector(`#${e.target.dataset.answersIn} [data-answers] button`);
  }
  return null;
}

function choose(e) {
  const button = e.target.closest("button[data-set]");
  if (!button || !button.form) return;
  e.preventDefault();
  const form = button.form;
  const next = document.getElementById(button.dataset.then);
  for (const [name, value] of Object.entries(JSON.parse(button.dataset.set))) {
    if (form.elements[name]) form.elements[name].value = value;
  }
  if (next) next.focus();
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

export function answers() {
  document.addEventListener("keydown", (e) => {
    const to = step(e);
    if (!to) return;
    e.preventDefault();
    e.stopPropagation();
    to.focus();
  }, true);
  document.addEventListener("click", choose);
  document.addEventListener("input", (e) => { // what was chosen was chosen for another text
    if (e.target.dataset && e.target.dataset.answersIn && e.target.form.elements.spot) e.target.form.elements.spot.value = "";
  });
  document.addEventListener("htmx:oobBeforeSwap", (e) => { // not from under somebody who is choosing
    if (e.detail.target && e.detail.target.querySelector("[data-answers]:focus-within")) e.detail.shouldSwap = false;
  });
}
