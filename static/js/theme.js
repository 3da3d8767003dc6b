// Runs before the first paint: sets the colour scheme and says that scripts work. Classic script on purpose.
(() => {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try { return localStorage.getItem("theme") || "auto"; } catch { return "auto"; }
  };
  const apply = () => {
    const choice = chosen();
    const dark = choice === "dark" || (choice === "auto" && system.matches);
    root.setAttribute("data-bs-theme", dark ? "dark" : "light");
    root.dataset.themeChoice = choice;
  };
  root.classList.replace("no-js", "js") || root.classList.add("js");
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-set]");
    if (!button) return;
    try { localStorage.setItem("theme", button.dataset.themeSet); } catch { /* private mode: this page only */ }
    apply();
    if (button.dataset.themeSet !== chosen()) root.setAttribute("data-bs-theme", button.dataset.themeSet);
    button.closest("details")?.removeAttribute("open");
  });
})();
