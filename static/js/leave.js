// Leaving a form with changes that were not saved asks first. Sending that form does not ask; sending another one does,
// as the changes would be lost just so.
let sent = null;

function isChanged(field) {
  if (field.disabled || ["hidden", "submit", "button", "reset"].includes(field.type)) return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.type === "file") return field.files.length > 0;
  if (field.type === "select-multiple") {
    return [...field.options].some((option) => option.selected !== option.defaultSelected);
  }
  if (field.type === "select-one") {
    const first = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(first, 0);
  }
  return field.defaultValue !== undefined && field.value !== field.defaultValue;
}

// A form that came back with errors holds what was typed and is not stored.
const holdsChanges = (form) =>
  form.querySelector("[aria-invalid=true]") !== null || [...form.elements].some(isChanged);

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  sent = event.target;
  // The page is asked at once; one that stays, as under a download, is guarded again.
  setTimeout(() => { sent = null; }, 1000);
});
window.addEventListener("beforeunload", (event) => {
  const guarded = [...document.querySelectorAll("form[data-guard-leave]")];
  if (guarded.some((form) => form !== sent && holdsChanges(form))) event.preventDefault();
});
