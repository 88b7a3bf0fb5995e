// One key, one action. A key presses the button that names it; where the button needs a reason, the first press goes to
// the field and Enter there sends it with that button.
"use strict";
let pending = null;

function move(step) {
  const cases = [...document.querySelectorAll(".queue ol:first-of-type a")];
  const at = cases.findIndex((link) => link.getAttribute("aria-current"));
  const next = cases[at + step];
  if (next) location.href = next.href;
}

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input, select, textarea");
  if (field) {
    if (event.key === "Escape") { field.blur(); pending = null; }
    if (event.key === "Enter" && pending && field.id === pending.dataset.focus) {
      event.preventDefault();
      if (field.reportValidity()) pending.click();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key === "j") return move(1);
  if (key === "k") return move(-1);
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return;
  event.preventDefault();
  const wanted = target.dataset.focus && document.getElementById(target.dataset.focus);
  if (wanted && !wanted.value) {
    pending = target;
    document.querySelectorAll("button.armed").forEach((one) => one.classList.remove("armed"));
    target.classList.add("armed");
    wanted.focus();
    return;
  }
  target.click();
  const inner = target.closest("details")?.querySelector("input[name=text]");
  if (inner) inner.focus();
});
