// The shipment form offers the methods of the chosen carrier only, and those that name no carrier.
const carrier = document.querySelector("select[data-narrows]");
const method = carrier && document.getElementById(carrier.dataset.narrows);

function narrow() {
  const family = carrier.selectedOptions[0]?.dataset.family;
  for (const option of method.querySelectorAll("option[data-family]")) {
    const fits = !family || !option.dataset.family || option.dataset.family === family;
    option.hidden = option.disabled = !fits;
    if (!fits && option.selected) method.value = "";
  }
  for (const group of method.querySelectorAll("optgroup")) {
    group.hidden = !group.querySelector("option:enabled");
  }
}

if (method) {
  carrier.addEventListener("change", narrow);
  // What came back from a refusal stays as it was typed, so that its error makes sense.
  if (!method.matches("[aria-invalid=true]")) narrow();
}
