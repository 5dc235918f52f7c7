// What pages can do without and are better with: keys, focus, toasts. No page depends on it.
"use strict";

(() => {
  const TOAST_MS = 10000;

  // The error summary takes focus, so that a screen reader starts there.
  document.querySelector("[data-focus]")?.focus();

  // A toast goes after ten seconds, but not while somebody is on it.
  for (const toast of document.querySelectorAll("[data-toast]")) {
    const leave = () => {
      if (toast.matches(":hover, :focus-within")) setTimeout(leave, 1000);
      else toast.hidden = true;
    };
    setTimeout(leave, TOAST_MS);
  }

  // "/" searches; "j" and "k" walk the rows, "o" opens one. Never while typing.
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  const rows = () => [...document.querySelectorAll("[data-row]")];

  const step = (by) => {
    const all = rows();
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    next?.querySelector("a, button")?.focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const find = document.querySelector("[data-find]");
    if (event.key === "/" && find && find.offsetParent) {
      event.preventDefault();
      find.focus();
    }
    if (event.key === "j") step(1);
    if (event.key === "k") step(-1);
    if (event.key === "o") document.activeElement?.closest("[data-row]")?.querySelector("[data-open]")?.click();
  });

  for (const button of document.querySelectorAll("[data-print]")) {
    button.addEventListener("click", () => window.print());
  }

  // The menu of the phone closes when the page is touched elsewhere.
  document.addEventListener("click", (event) => {
    for (const drawer of document.querySelectorAll(".drawer[open]")) {
      if (!drawer.contains(event.target)) drawer.open = false;
    }
  });

  // Filters apply when they change; without script the button does it.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-apply]");
    if (form && window.matchMedia("(min-width: 641px)").matches) form.requestSubmit();
  });

  // A form that saves itself: what is being typed is not saved yet, whatever the last answer said. What was typed while
  // a save was under way is saved after it, on top of the revision that its answer brought.
  const saver = () => document.querySelector("[data-saver]");
  let typed = 0;
  let sent = 0;
  const show = (name) => {
    for (const part of saver()?.children ?? []) if (part.localName === "span") part.hidden = !part.matches(name);
  };
  document.addEventListener("input", (event) => {
    if (!saver()?.closest("form").contains(event.target)) return;
    typed += 1;
    show("[data-pending]");
  });
  document.addEventListener("htmx:before:request", (event) => {
    if (event.target === saver()) sent = typed;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.target !== saver() || typed === sent) return;
    show("[data-pending]");
    event.target.dispatchEvent(new Event("save"));
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.target === saver()) show("[data-failed]");
  });

  // While htmx waits, the part that will change says so.
  document.addEventListener("htmx:before:request", (event) => event.target?.setAttribute?.("aria-busy", "true"));
  document.addEventListener("htmx:after:request", (event) => event.target?.removeAttribute?.("aria-busy"));
})();
