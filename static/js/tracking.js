// The shipment form: what a typed or scanned tracking number says. The server knows the shapes; a chosen carrier stays.
const note = document.querySelector("[data-tracking]");
const field = note && document.getElementById(note.dataset.field);
const carrier = note && document.getElementById(note.dataset.carrier);
let chosen = note?.dataset.chosen === "1";
let mine = false;
let asked = 0;

async function look() {
  const turn = ++asked;
  const number = field.value.trim();
  if (!number) {
    note.textContent = "";
    return;
  }
  const query = new URLSearchParams({ number, carrier: carrier.value });
  const response = await fetch(`${note.dataset.tracking}?${query}`).catch(() => null);
  if (!response?.ok || turn !== asked) return;
  const said = await response.json();
  if (said.number && field.value.trim() === number) field.value = said.number;
  const fits = said.carrier && [...carrier.options].some((option) => option.value === said.carrier);
  if (!chosen && fits) {
    mine = true;
    carrier.value = said.carrier;
    carrier.dispatchEvent(new Event("change", { bubbles: true }));
    mine = false;
    note.textContent = said.note;
    note.classList.remove("is-warning");
  } else {
    note.textContent = said.warning;
    note.classList.toggle("is-warning", said.warning !== "");
  }
}

if (field && carrier) {
  carrier.addEventListener("change", () => {
    if (mine) return;
    chosen = true;
    look();
  });
  field.addEventListener("change", look);
  // A scanner ends with Enter; nothing goes to Jet before a person has seen what was read.
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    look();
    field.form.querySelector("button[type=submit]")?.focus();
  });
}
