// Tracking numbers one after the other: Enter, which a scanner sends, goes on to the next; a pasted column fills downwards.
const fields = [...document.querySelectorAll("[data-scan]")];

function next(field, by) {
  const other = fields[fields.indexOf(field) + by];
  if (other) {
    other.focus();
    other.select();
  } else if (by > 0) field.form.querySelector("[name=stage]")?.focus();
}

for (const field of fields) {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    next(field, event.shiftKey ? -1 : 1);
  });
  field.addEventListener("paste", (event) => {
    const lines = (event.clipboardData?.getData("text/plain") ?? "").trim().split(/\r?\n/);
    if (lines.length < 2) return;
    event.preventDefault();
    lines.forEach((line, at) => {
      const below = fields[fields.indexOf(field) + at];
      if (below) below.value = line.trim();
    });
  });
}

const first = fields.find((field) => !field.value);
if (first && !document.querySelector("[aria-invalid=true]")) first.focus();
