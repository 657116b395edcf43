// Keys. An element says by which key it is pressed: data-key="n", "g b" (one after the other), "?", "F8",
// "Ctrl+Enter". A letter means its place on the keyboard, so that it works in a Kazakh or Russian layout.
// While somebody types, only keys that write nothing count. Within [data-keys] a key is the part's own: it counts
// while the focus is there, so that each of a list may have the same one.

/** The name of what was pressed: "n", "?", "Enter", "Ctrl+Enter". */
export function keyName(e) {
  let key = e.key;
  if (/^Key[A-Z]$/.test(e.code)) key = e.code[3].toLowerCase();
  else if (/^(Digit|Numpad)\d$/.test(e.code) && !e.shiftKey) key = e.code.slice(-1);
  else if (e.code === "Slash" && !/^[/?]$/.test(key)) key = e.shiftKey ? "?" : "/";
  const ctrl = e.ctrlKey || e.metaKey ? "Ctrl+" : "";
  const alt = e.altKey ? "Alt+" : "";
  const shift = e.shiftKey && (key.length > 1 || ctrl || alt) ? "Shift+" : "";
  return ctrl + alt + shift + key;
}

/** Whether keys pressed here write something. */
function typingIn(el) {
  if (el.isContentEditable || el.matches("textarea, select")) return true;
  if (el.matches("input") && el.closest("form[data-draft]")) return true; // between two fields of a form one is in the middle of
  return el.matches("input") && !el.matches("[type=checkbox], [type=radio], [type=button], [type=submit], [type=file], [type=range]");
}

const writesNothing = /^(F\d+|Ctrl\+(Enter|s)|Alt\+.+|Shift\+F\d+)$/;

function seen(el) {
  return el.getClientRects().length > 0 && !el.disabled;
}

function press(name) {
  const within = document.querySelector("dialog[open]") || document;
  for (const el of within.querySelectorAll("[data-key]")) {
    if (el.dataset.key !== name || !seen(el)) continue;
    const part = el.closest("[data-keys]");
    if (part && !part.contains(document.activeElement)) continue;
    if (el.matches("input:not([type=submit], [type=checkbox], [type=radio]), textarea, select")) {
      el.focus();
      if (el.select) el.select();
    } else {
      el.click();
    }
    return true;
  }
  return false;
}

/** Moves along the rows of the table in use, or of the page's first: the row's link takes the focus. */
function move(step) {
  const here = document.activeElement && document.activeElement.closest("[data-rows]");
  const table = here || document.querySelector("[data-rows]");
  if (!table) return false;
  const links = [...table.querySelectorAll("[data-open]")].filter(seen);
  if (links.length === 0) return false;
  const row = document.activeElement.closest("tr, li, [data-row]");
  const at = links.findIndex((l) => row && row.contains(l));
  const next = links[at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + step, 0), links.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

/** Steps back: out of the field (what was typed stays), else along the page's way back. */
function stepBack(el) {
  const menu = el.closest("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    return true;
  }
  if (typingIn(el)) {
    el.blur();
    return true;
  }
  const back = document.querySelector("a[data-back]");
  if (back) back.click();
  return Boolean(back);
}

function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
  return Boolean(dialog);
}

/** Single letters can be switched off, for those who speak to their computer (WCAG 2.1.4). */
const lettersOff = () => localStorage.getItem("letters") === "off";

export function keys() {
  let first = "";
  let timer = 0;
  const after = (name) => {
    clearTimeout(timer);
    first = name;
    if (name) timer = setTimeout(() => (first = ""), 1500);
  };
  document.addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.isComposing || e.repeat && e.key === "Enter") return;
    const name = keyName(e);
    const typing = typingIn(e.target);
    if (typing && !writesNothing.test(name) && name !== "Escape") return;
    if (!typing && lettersOff() && name.length === 1) return;
    const sequence = first ? first + " " + name : name;
    after("");
    const modal = document.querySelector("dialog[open]");
    const done =
      press(sequence) ||
      (name === "g" && !modal && (after("g"), true)) ||
      (name === "?" && openDialog("help")) ||
      (name === "j" && !modal && move(1)) ||
      (name === "k" && !modal && move(-1)) ||
      (name === "Escape" && !modal && stepBack(e.target));
    if (done) e.preventDefault();
  });
  document.addEventListener("click", (e) => {
    const sender = e.target.closest("[data-focus-on]");
    if (sender) document.querySelector(sender.dataset.focusOn)?.focus();
    const opener = e.target.closest("[data-dialog]");
    if (opener && openDialog(opener.dataset.dialog)) e.preventDefault();
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(e.target)) menu.open = false;
    }
  });
  const box = document.querySelector("[data-keys-switch]");
  if (box) {
    box.checked = !lettersOff();
    box.addEventListener("change", () => localStorage.setItem("letters", box.checked ? "on" : "off"));
  }
}
