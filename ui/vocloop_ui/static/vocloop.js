// The only script of vocloop. Every page reads and every form posts without it.
(() => {
  "use strict";
  const root = document.documentElement;
  const kept = {
    get(name) { try { return localStorage.getItem(name); } catch { return null; } },
    set(name, value) { try { value === null ? localStorage.removeItem(name) : localStorage.setItem(name, value); } catch { /* private window */ } },
  };
  root.classList.add("js");
  const wanted = kept.get("vocloop.theme");
  if (wanted === "dark" || wanted === "light") root.dataset.theme = wanted;

  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

  // ── Light and dark ────────────────────────────────────────────────────────────────────
  function toggleTheme() {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    kept.set("vocloop.theme", root.dataset.theme);
  }

  // ── Combobox (WAI-ARIA "list autocomplete"): the server fills the list ────────────────
  const options = (list) => $$("[role=option]", list);
  const listOf = (input) => document.getElementById(input.getAttribute("aria-controls"));
  function openList(input, open) {
    const list = listOf(input);
    const shown = open && options(list).length > 0;
    list.hidden = !shown;
    input.setAttribute("aria-expanded", String(shown));
    if (!shown) mark(input, null);
  }
  function mark(input, option) {
    for (const one of options(listOf(input))) one.setAttribute("aria-selected", String(one === option));
    if (option) { input.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    else input.removeAttribute("aria-activedescendant");
  }
  function take(input, option) {
    if (option.dataset.href) { location.href = option.dataset.href; return; }
    input.value = option.dataset.name;
    openList(input, false);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function comboKey(event, input) {
    const list = listOf(input);
    const all = options(list);
    const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
      event.preventDefault();
      openList(input, true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(input, all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length]);
    } else if (event.key === "Enter" && !list.hidden && at >= 0) {
      event.preventDefault();
      take(input, all[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      openList(input, false);
    }
  }

  // ── Keys ──────────────────────────────────────────────────────────────────────────────
  const singleKeys = () => kept.get("vocloop.keys") !== "off";
  const showKeys = () => { $("[data-single-keys]").checked = singleKeys(); $("#keys").showModal(); };
  function step(by) {
    const rows = $$("[data-row]");
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement);
    const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1)];
    next.focus();
  }
  // G, then the number of a stage.
  const PATIENCE_MS = 1500;
  let waiting = 0;
  function stage(key) {
    const link = Date.now() - waiting < PATIENCE_MS && $(`[data-stage="${key}"]`);
    waiting = 0;
    if (link) location.href = link.href;
    return Boolean(link);
  }
  // What a letter presses stands beside it: data-key. A menu opens and takes the focus.
  function press(key) {
    const target = $(`[data-key="${CSS.escape(key)}"]`);
    if (!target) return false;
    target.click();
    if (target.matches("summary")) $("input:not([type=hidden]), select", target.parentElement)?.focus();
    return true;
  }
  function openPalette() {
    const input = $("[data-palette]");
    input.value = "";
    $("#palette").showModal();
    input.dispatchEvent(new Event("opened"));
    input.focus();
  }
  const SINGLE = {
    "/": () => $("[data-search]").focus(),
    "?": showKeys,
    n: () => { location.href = "/hand-in"; },
    g: () => { waiting = Date.now(); },
    x: () => document.activeElement.closest("[data-row]")?.matches("[type=checkbox]") && document.activeElement.click(),
    j: () => step(1),
    k: () => step(-1),
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.isComposing) return; // Enter and Escape belong to the input method first
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (!$("dialog[open]")) openPalette();
      return;
    }
    if (target.matches?.("[role=combobox]")) comboKey(event, target);
    const inField = target.matches?.("input:not([type=radio], [type=checkbox]), textarea, select");
    if (event.key === "Escape") { if (inField && !event.defaultPrevented) target.blur(); closeMenus(); return; }
    if (inField || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!singleKeys() || $("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : "";
    if (key && waiting && stage(key)) { event.preventDefault(); return; }
    const act = SINGLE[key];
    if (act) { event.preventDefault(); act(); } else if (key && press(key)) event.preventDefault();
  });

  // ── Clicks and changes ────────────────────────────────────────────────────────────────
  function closeMenus(but = null) {
    for (const menu of $$("details.add-filter[open]")) if (!menu.contains(but)) menu.open = false;
  }
  // A menu that would reach beyond the page opens towards its start.
  document.addEventListener("toggle", ({ target }) => {
    const box = target.matches(".add-filter[open]") && target.lastElementChild;
    if (box && box.getBoundingClientRect().right > root.clientWidth) box.style.insetInline = "auto 0";
  }, true);
  document.addEventListener("click", (event) => {
    const target = event.target;
    closeMenus(target);
    if (target.closest("[data-theme-toggle]")) toggleTheme();
    if (target.closest("[data-keys]")) showKeys();
    const opens = target.closest("[data-open]");
    if (opens) document.getElementById(opens.dataset.open).showModal();
    if (target.closest("[data-toast-close]")) target.closest(".toast-dock").remove();
    const going = target.closest("#palette [role=option]");
    if (going) location.href = going.dataset.href;
    const option = target.closest(".combo [role=option]");
    if (option) { const input = $("input", option.closest(".combo")); take(input, option); input.focus(); }
  });
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest(".combo [role=option]")) event.preventDefault(); // keeps the focus in the field
  });
  document.addEventListener("focusout", (event) => {
    if (event.target.matches?.("[role=combobox]:not([data-palette])")) openList(event.target, false);
  });
  document.addEventListener("change", (event) => {
    const all = event.target.dataset.all;
    if (all) for (const box of $$(`[type=checkbox][name="${all}"]`)) box.checked = event.target.checked;
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
    if (event.target.matches("[data-single-keys]")) kept.set("vocloop.keys", event.target.checked ? null : "off");
  });

  // ── Forms: a second press while the first is under way would do its work twice ────────
  const AGAIN_MS = 10_000; // for whoever stopped the first
  let sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // HTMX sends its own, and a draft knows when it is on its way (draft.js).
    if (event.defaultPrevented || form.getAttribute("method") !== "post" || form.matches("[data-draft]")) return;
    if (event.timeStamp - sent.get(form) < AGAIN_MS) event.preventDefault();
    else sent.set(form, event.timeStamp);
  });
  // One that came back begins where it needs a change.
  addEventListener("DOMContentLoaded", () => $("[aria-invalid=true]")?.focus());
  addEventListener("pageshow", () => { sent = new WeakMap(); });

  // ── HTMX ──────────────────────────────────────────────────────────────────────────────
  document.addEventListener("htmx:afterSwap", (event) => {
    const list = event.detail.target;
    if (list.matches?.(".suggest")) {
      const input = $(`[aria-controls="${list.id}"]`);
      openList(input, document.activeElement === input);
      if ("palette" in input.dataset && options(list)[0]) mark(input, options(list)[0]);
    }
    // Something went well again: an old complaint must not stay.
    if (event.detail.target.id !== "page-problem") $("#page-problem").replaceChildren();
  });
  document.addEventListener("htmx:sendError", () => {
    const note = document.createElement("p");
    note.className = "note call";
    note.textContent = $("#page-problem").dataset.offline;
    $("#page-problem").replaceChildren(note);
  });
})();
