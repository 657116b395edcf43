// The name of a file that was chosen stands in the field, in place of the browser's words for it. A file that is dropped anywhere on a page with <form data-drop> lands in the form's file field. Without scripts the
// field itself takes it.

export function drop() {
  const form = () => document.querySelector("form[data-drop]");
  const carries = (e) => e.dataTransfer && [...e.dataTransfer.types].includes("Files");
  const picked = (field) => {
    const words = field.parentElement.querySelector("[data-picked]");
    if (words) words.textContent = [...field.files].map((f) => f.name).join(", ") || words.dataset.picked;
  };
  document.addEventListener("change", (e) => {
    if (e.target.type === "file") picked(e.target);
  });
  for (const field of document.querySelectorAll('input[type="file"]')) picked(field); // after Back the browser has kept it
  document.addEventListener("dragover", (e) => {
    if (!form() || !carries(e)) return;
    e.preventDefault();
    form().classList.add("dropping");
  });
  for (const end of ["dragleave", "dragend"]) {
    document.addEventListener(end, (e) => {
      if (form() && !e.relatedTarget) form().classList.remove("dropping");
    });
  }
  document.addEventListener("drop", (e) => {
    if (!form() || !carries(e)) return;
    e.preventDefault();
    form().classList.remove("dropping");
    const field = form().querySelector('input[type="file"]');
    field.files = e.dataTransfer.files;
    picked(field);
    field.focus();
  });
}
