// Forms. A second click on the way does nothing (the server's token is the real guard), and a form that
// comes back opens on the first field at fault.

export function forms() {
  const release = (form) => {
    delete form.dataset.sent;
    for (const b of form.querySelectorAll("[aria-busy]")) b.removeAttribute("aria-busy");
  };
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) {
      e.preventDefault();
      e.stopImmediatePropagation();
      return;
    }
    form.dataset.sent = "yes";
    if (e.submitter) e.submitter.setAttribute("aria-busy", "true");
    setTimeout(release, 10000, form);
  }, true);
  document.addEventListener("htmx:afterRequest", (e) => {
    const form = e.target.closest && e.target.closest("form");
    if (form) release(form);
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) release(form);
  });
  // What the browser itself refuses it says in its own language: here are the page's words.
  const { needed, unfit } = document.body.dataset;
  document.addEventListener("invalid", (e) => {
    const field = e.target;
    field.setCustomValidity("");
    if (!field.validity.valid) field.setCustomValidity(field.validity.valueMissing ? needed : unfit);
    field.addEventListener("input", () => field.setCustomValidity(""), { once: true });
  }, true);
  const wrong = document.querySelector('.bad [aria-invalid="true"]') || document.querySelector("[data-focus]");
  if (wrong) wrong.focus();
}
