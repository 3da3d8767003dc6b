// Forms: the first error gets the focus, a sent form cannot be sent twice by a double click.
document.querySelector("[aria-invalid=true]")?.focus();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.classList.add("is-busy");
  // A download or a failed request leaves the page standing; let the person try again.
  setTimeout(() => { delete form.dataset.sent; event.submitter?.classList.remove("is-busy"); }, 4000);
});
// Enter in a search box of a larger form searches; that form is sent by its buttons.
document.addEventListener("keydown", (event) => {
  const box = event.target;
  if (event.key !== "Enter" || box.type !== "search" || box.form?.method !== "post") return;
  event.preventDefault();
  box.dispatchEvent(new Event("search"));
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
