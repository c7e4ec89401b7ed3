// Handing in a voice: the draft is kept, nothing is sent twice or in vain.
(() => {
  "use strict";
  const kept = {
    get(name) { try { return localStorage.getItem(name); } catch { return null; } },
    set(name, value) { try { value === null ? localStorage.removeItem(name) : localStorage.setItem(name, value); } catch { /* private window */ } },
  };
  const $ = (selector, within = document) => within.querySelector(selector);

  // ── Draft: what is typed survives a closed tab, a reload and a failed send ─────────────
  const DRAFT = "vocloop.draft";
  const DRAFTED = ["text", "customer", "severity", "channel"];
  function saveDraft(form) {
    const data = new FormData(form);
    const draft = Object.fromEntries(DRAFTED.map((name) => [name, data.get(name) || ""]));
    kept.set(DRAFT, draft.text || draft.customer ? JSON.stringify(draft) : null);
  }
  // A body that the server would refuse unread is not sent: the words stay where they are.
  function tooLong(field) {
    const over = field.value.length > Number(field.dataset.most);
    $("#text-too-long").hidden = !over;
    if (over) { field.setAttribute("aria-invalid", "true"); field.setAttribute("aria-describedby", "text-too-long"); field.focus(); }
    return over;
  }
  function restoreDraft() {
    if ($("[data-draft-sent]")) kept.set(DRAFT, null);
    const form = $("form[data-draft]");
    if (!form || "answered" in form.dataset) return;
    let draft;
    try { draft = JSON.parse(kept.get(DRAFT)); } catch { draft = null; }
    for (const name of draft && !form.elements.text.value ? DRAFTED : []) {
      // Radios and fields alike: a RadioNodeList takes a value too.
      if (draft[name]) form.elements[name].value = draft[name];
    }
    // Words pasted before HTMX was there are looked for too.
    if (form.elements.text.value) form.elements.text.dispatchEvent(new Event("restored"));
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest?.("form[data-draft]");
    if (form) { event.preventDefault(); form.requestSubmit(); }
  });
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      const form = event.target.closest?.("form[data-draft]");
      if (form) saveDraft(form);
    });
  }
  document.addEventListener("submit", (event) => {
    // A second press while the first is under way would send the voice twice.
    if (event.target.matches("form[data-draft]")) {
      if (tooLong(event.target.elements.text)) { event.preventDefault(); return; }
      const button = $("button[type=submit]", event.target);
      if (button.getAttribute("aria-disabled") === "true") { event.preventDefault(); return; }
      button.setAttribute("aria-disabled", "true");
    }
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-draft] [aria-disabled]").forEach((one) => one.removeAttribute("aria-disabled")));
  // DOMContentLoaded, after HTMX has bound its triggers: it listens for the same event and is
  // loaded later, so one turn of the loop is waited for.
  document.addEventListener("DOMContentLoaded", () => setTimeout(restoreDraft));
})();
