// Drop-downs are <details>: close on outside click, on Escape and when another opens. Dialogs open by attribute.
const open = () => document.querySelectorAll("details.menu-drop[open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;

  const opener = event.target.closest("[data-dialog-open]");
  if (opener) document.getElementById(opener.dataset.dialogOpen)?.showModal();
  if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog").close();
  // A click on the dialog element itself is one on its backdrop.
  if (event.target.matches("dialog[open].dialog, dialog[open].palette")) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
// Arrow keys walk through an open menu.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const menu = event.target.closest("details.menu-drop[open]");
  if (!menu || event.target.matches("input, select, textarea")) return;
  const entries = [...menu.querySelectorAll(".menu-panel a[href], .menu-panel button")];
  if (!entries.length) return;
  event.preventDefault();
  const at = entries.indexOf(document.activeElement);
  const next = event.key === "ArrowDown" ? at + 1 : at - 1;
  entries[(next + entries.length) % entries.length].focus();
});

// Folded groups of the sidebar stay as the person left them; the server reads the cookie, so nothing moves after the first paint.
const folded = () => new Set((/(?:^|; )folds=([^;]*)/.exec(document.cookie)?.[1] ?? "").split(".").filter(Boolean));
for (const fold of document.querySelectorAll("details[data-fold]")) {
  // By click only: a group that stands open because its page is shown is not a choice.
  fold.querySelector("summary").addEventListener("click", () => {
    const closed = folded();
    if (fold.open) closed.add(fold.dataset.fold);
    else closed.delete(fold.dataset.fold);
    document.cookie = `folds=${[...closed].join(".")}; path=/; max-age=31536000; samesite=lax`;
  });
}
// Not by scrollIntoView: where that has scrolled to, browsers let the first Tab begin, past the skip link.
const shown = document.querySelector(".sidebar-nav [aria-current]");
if (shown) {
  const nav = shown.closest(".sidebar-nav");
  const below = shown.getBoundingClientRect().bottom - nav.getBoundingClientRect().bottom;
  if (below > 0) nav.scrollTop += below;
}
