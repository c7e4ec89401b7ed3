// What the pages of the stage Hear add: keys for "this one", and words to copy.
(() => {
  "use strict";
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || !/^Digit[1-3]$/.test(event.code)) return;
    const one = document.querySelectorAll("#known [name=theme]:not([value=''])")[Number(event.code.at(-1)) - 1];
    if (one) { event.preventDefault(); one.checked = true; }
  });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try { await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent); } catch { return; }
    button.textContent = button.dataset.copied;
  });
})();
