// A sheet typed in from paper: <form data-sheet> with rows [data-stop] of five radio buttons and a note. 1…5 choose and go
// to the next row, 0 clears, J K and the arrows move, Tab reaches the note, Enter in a note goes on, Enter on a row saves.
import { keyName } from "./keys.js";

const radios = (row) => [...row.querySelectorAll("input[type=radio]")];

function enter(row) {
  if (!row) return;
  const all = radios(row);
  (all.find((r) => r.checked) || all[0]).focus();
  row.scrollIntoView({ block: "nearest" });
}

function act(name, row, rows) {
  const at = rows.indexOf(row);
  if (/^[1-5]$/.test(name)) {
    const one = radios(row)[name - 1];
    one.checked = true;
    one.dispatchEvent(new Event("change", { bubbles: true }));
    enter(rows[at + 1] || row);
    return true;
  }
  if (name === "0" || name === "Backspace") {
    for (const r of radios(row)) r.checked = false;
    return true;
  }
  if (name === "j" || name === "ArrowDown") enter(rows[at + 1]);
  else if (name === "k" || name === "ArrowUp") enter(rows[at - 1]);
  else return false;
  return true;
}

export function sheets() {
  document.addEventListener("keydown", (e) => {
    const form = document.querySelector("form[data-sheet]");
    if (!form || e.defaultPrevented || e.isComposing || document.querySelector("dialog[open]")) return;
    const rows = [...form.querySelectorAll("[data-stop]")];
    const row = e.target.closest("[data-stop]") || (e.target === document.body ? rows[0] : null);
    if (!row || !form.contains(row)) return;
    const name = keyName(e);
    let done = false;
    if (e.target.matches("input:not([type=radio])")) {
      if (name === "Enter") enter(rows[rows.indexOf(row) + 1] || row);
      done = name === "Enter";
    } else if (name === "Enter" && e.target.matches("input[type=radio]")) {
      form.requestSubmit(form.querySelector("button.first"));
      done = true;
    } else {
      done = act(name, row, rows);
    }
    if (done) e.preventDefault();
  }, true);
}
