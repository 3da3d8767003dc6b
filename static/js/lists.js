// Lists: ticking rows, the bar of bulk actions, rows that open by click, filters without empty parameters.
function refresh(form) {
  const ticks = [...form.querySelectorAll("[data-tick]")];
  const ticked = ticks.filter((tick) => tick.checked).length;
  const all = form.querySelector("[data-bulk-all]");
  const whole = form.querySelector("[data-tick-all]");
  const bar = form.querySelector("[data-bulkbar]");
  if (!bar) return;
  if (all && ticked < ticks.length) all.checked = false;
  bar.classList.toggle("is-on", ticked > 0);
  form.querySelector("[data-bulk-count]").textContent = all?.checked ? "Whole view" : `${ticked} selected`;
  if (whole) {
    whole.checked = ticked > 0 && ticked === ticks.length;
    whole.indeterminate = ticked > 0 && ticked < ticks.length;
  }
  for (const tick of ticks) tick.closest("tr").classList.toggle("is-ticked", tick.checked);
}

let last = null;
document.addEventListener("click", (event) => {
  const tick = event.target.closest("[data-tick]");
  if (tick) {
    // Shift-click ticks everything between.
    const form = tick.closest("[data-list]");
    const ticks = [...form.querySelectorAll("[data-tick]")];
    if (event.shiftKey && last && ticks.includes(last)) {
      const [from, to] = [ticks.indexOf(last), ticks.indexOf(tick)].sort((a, b) => a - b);
      for (const between of ticks.slice(from, to + 1)) between.checked = tick.checked;
    }
    last = tick;
    refresh(form);
    return;
  }
  const none = event.target.closest("[data-bulk-none]");
  if (none) {
    const form = none.closest("[data-list]");
    for (const each of form.querySelectorAll("[data-tick]")) each.checked = false;
    refresh(form);
    return;
  }
  const row = event.target.closest("tr[data-href]");
  if (!row || event.target.closest("a, button, input, label, select, summary, details, form form") || getSelection().toString()) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else window.location.assign(row.dataset.href);
});
document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-list]");
  if (!form) return;
  // The whole view includes this page.
  const page = event.target.matches("[data-tick-all]") || (event.target.matches("[data-bulk-all]") && event.target.checked);
  if (page) {
    for (const tick of form.querySelectorAll("[data-tick]")) tick.checked = event.target.checked;
  }
  refresh(form);
});
// The browser restores ticks when going back.
addEventListener("pageshow", () => document.querySelectorAll("[data-list]").forEach(refresh));

// A picture that does not load leaves the drawing of one.
function replaceBroken(image) {
  const sprite = document.querySelector("svg.icon use")?.getAttribute("href").split("#")[0];
  const box = document.createElement("span");
  box.className = "thumb thumb-none";
  box.title = "The picture could not be loaded";
  box.innerHTML = `<svg class="icon" width="24" height="24" stroke="currentColor" stroke-width="1.75" fill="none" aria-hidden="true"><use href="${sprite}#photo-off"></use></svg>`;
  image.replaceWith(box);
}
document.addEventListener("error", (event) => { if (event.target.matches?.("img.thumb")) replaceBroken(event.target); }, true);
for (const image of document.querySelectorAll("img.thumb")) if (image.complete && !image.naturalWidth) replaceBroken(image);

// Addresses carry only filters that say something.
document.body.addEventListener("htmx:configRequest", (event) => {
  if (!event.detail.elt.matches("[data-filterbar]")) return;
  const values = event.detail.parameters;
  for (const key of Object.keys(values)) if (values[key] === "") delete values[key];
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-filterbar]")) return;
  for (const field of event.target.elements) if (field.name && field.value === "") field.disabled = true;
});
// A poll may not take an open menu, a ticked row or the focus out of somebody's hands.
function isInUse(part) {
  const inHand = part.querySelector("details[open], [data-tick]:checked, form[data-touched]") !== null;
  return inHand || (part !== document.activeElement && part.contains(document.activeElement));
}
document.addEventListener("input", (event) => event.target.closest("form")?.setAttribute("data-touched", ""));
document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
  const list = event.detail.target;
  if (list?.id === "list" && isInUse(list)) event.detail.shouldSwap = false;
});
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, target } = event.detail;
  if (elt.matches("[data-live]")) {
    if (document.hidden || isInUse(target)) event.preventDefault();
  } else if (target?.id === "list") {
    target.classList.add("is-loading");
  }
});
document.body.addEventListener("htmx:beforeSwap", (event) => {
  // The answer of a poll may come after somebody has begun to tick.
  const { target, requestConfig } = event.detail;
  if (requestConfig?.elt?.matches("[data-live]") && isInUse(target)) event.detail.shouldSwap = false;
});
