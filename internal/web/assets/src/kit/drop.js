// A file that is dropped anywhere on a page with <form data-drop> lands in the form's file field. Without scripts the
// field itself takes it.

export function drop() {
  const form = () => document.querySelector("form[data-drop]");
  const carries = (e) => e.dataTransfer && [...e.dataTransfer.types].includes("Files");
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
    field.focus();
  });
}
