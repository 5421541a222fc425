// Small comforts over pages that work without them: keys for every decision, uncovering without a new page, ticking all.
"use strict";
(() => {
  const STORE = "hub-keys-off";
  const off = () => { try { return localStorage.getItem(STORE) === "yes"; } catch { return false; } };
  const typing = (node) => node && (node.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName));

  const flip = (link) => {
    const covered = !document.querySelector(".veil")?.classList.contains("covered");
    for (const veil of document.querySelectorAll(".veil")) {
      veil.classList.toggle("covered", covered);
      if (covered) veil.setAttribute("aria-hidden", "true"); else veil.removeAttribute("aria-hidden");
    }
    const note = document.querySelector(".veil-note");
    if (note) note.hidden = !covered;
    const said = link.firstChild.textContent;
    link.firstChild.textContent = covered ? said.replace("Cover", "Show") : said.replace("Show", "Cover");
  };

  const open = (summary) => {
    const details = summary.parentElement;
    details.open = true;
    const first = details.querySelector("input:checked, input:not([type=hidden]), select, textarea, button");
    details.scrollIntoView({ block: "nearest" });
    if (first) first.focus();
  };

  const press = (node) => {
    if (node.matches("[data-veil]")) flip(node);
    else if (node.tagName === "SUMMARY") open(node);
    else if (node.tagName === "INPUT") { node.focus(); node.select(); }
    else if (node.tagName === "H2") {
      const first = node.parentElement.querySelector("details");
      if (first) { first.open = true; first.querySelector("summary").focus(); first.scrollIntoView({ block: "start" }); }
    } else node.click();
  };

  const lines = () => [...document.querySelectorAll("a.line")];
  const step = (by) => {
    const all = lines();
    const at = all.indexOf(document.activeElement);
    const next = all[Math.max(0, Math.min(all.length - 1, at + by))];
    if (next) next.focus();
  };

  document.addEventListener("click", (event) => {
    const veil = event.target.closest("[data-veil]");
    if (veil) { event.preventDefault(); flip(veil); }
    const tick = event.target.closest("[data-tick]");
    if (tick) {
      event.preventDefault();
      for (const box of document.querySelectorAll("input[data-live=yes]")) box.checked = true;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && typing(document.activeElement)) { document.activeElement.blur(); return; }
    if (off() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const node = document.activeElement;
    // A letter means nothing to a tick box, so the keys go on working there; Escape leaves any other field.
    if (typing(node) && !/^(checkbox|radio)$/.test(node.type || "")) return;
    if (event.key === "?") {
      const keys = document.querySelector("footer .keys");
      if (keys) { keys.open = !keys.open; keys.querySelector("summary").focus(); event.preventDefault(); }
    } else if (event.key === "g") location.assign("/queue");
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else {
      const found = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      if (found) { event.preventDefault(); press(found); }
    }
  });

  // A form is sent once, however often the key or the button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) event.preventDefault();
    else if (form.method === "post") form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

  const toggle = document.getElementById("keys-switch");
  if (toggle) {
    const name = () => { toggle.textContent = off() ? "Switch the keys on" : "Switch the keys off"; };
    toggle.hidden = false;
    name();
    toggle.addEventListener("click", () => { try { localStorage.setItem(STORE, off() ? "no" : "yes"); } catch { /* stays on */ } name(); });
  }
  document.querySelector("[role=alert]")?.scrollIntoView({ block: "nearest" });
})();
