"use strict";
(() => {
  const input = document.getElementById("find");
  const found = document.getElementById("found");
  const nothing = document.querySelector(".nothing");
  const items = [...document.querySelectorAll("[data-find]")].map((node) => [node, (node.dataset.find || node.textContent).toLowerCase()]);
  const sections = [...document.querySelectorAll("[data-section]")].reverse();

  const filter = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const [node, text] of items) {
      const fits = words.every((word) => text.includes(word));
      node.hidden = !fits;
      count += fits;
    }
    for (const section of sections) {
      const inner = section.querySelectorAll("[data-find]");
      section.hidden = words.length > 0 && inner.length > 0 && ![...inner].some((node) => !node.hidden);
      if (section.hasAttribute("data-opens")) section.open = words.length > 0;
    }
    found.textContent = words.length ? `${count} of ${items.length}` : "";
    if (nothing) nothing.hidden = count > 0 || words.length === 0;
  };

  if (items.length) {
    input.closest("label").hidden = false;
    input.addEventListener("input", filter);
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        input.focus();
      } else if (event.key === "Escape" && event.target === input) {
        input.value = "";
        filter();
      }
    });
    // A link to something that the filter hides shows everything again.
    window.addEventListener("hashchange", () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (target && !target.checkVisibility()) {
        input.value = "";
        filter();
        target.scrollIntoView();
      }
    });
    if (input.value) filter();
  }

  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const each of closed) each.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
  });
})();
