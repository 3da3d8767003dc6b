// Command palette: Ctrl/⌘-K or "/" opens, arrows choose, Enter goes.
const dialog = document.getElementById("palette");
const mac = /Mac|iP(hone|ad)/.test(navigator.platform);
for (const key of document.querySelectorAll("[data-mod-key]")) if (mac) key.textContent = "⌘ K";

if (dialog) {
  const form = dialog.querySelector("form");
  const input = dialog.querySelector("input");
  const hits = dialog.querySelector(".palette-hits");
  const options = () => [...hits.querySelectorAll("[role=option]")];

  const choose = (option) => {
    for (const other of options()) other.setAttribute("aria-selected", String(other === option));
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const chosen = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");
  const show = () => {
    if (dialog.open) return;
    dialog.showModal();
    input.select();
    window.htmx?.trigger(form, "palette-open");
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, textarea, select, [contenteditable]");
    if ((event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !typing)) {
      event.preventDefault();
      show();
    }
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-palette-open]")) show(); });
  hits.addEventListener("htmx:afterSettle", () => choose(options()[0]));
  input.addEventListener("keydown", (event) => {
    const all = options();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (all.length) choose(all[(chosen() + step + all.length) % all.length]);
    } else if (event.key === "Escape") {
      event.preventDefault(); // a search field would only empty itself
      dialog.close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      (all[chosen()] || all[0])?.click();
    }
  });
  form.addEventListener("submit", (event) => event.preventDefault());
}
