// The editor in a table: cells with the keyboard, pasted blocks, fill down, and the server's word on each changed cell.
const sheet = document.querySelector("[data-sheet]");
const rows = [...sheet.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("[data-cell]")]);
const places = new Map(rows.flatMap((row, y) => row.map((cell, x) => [cell, [x, y]])));
const count = sheet.querySelector("[data-sheet-count]");
const leftOut = sheet.querySelector("[data-sheet-left]");
const seen = (cell) => sheet.elements[`o${cell.name}`]?.value ?? "";
const changed = () => [...places.keys()].filter((cell) => cell.value.trim() !== seen(cell).trim());
let asked = 0;
let saving = false;

function show(cell, text) {
  const note = document.getElementById(`note-${cell.name}`);
  if (note) note.textContent = text;
  cell.classList.toggle("is-invalid", text !== "");
  cell.toggleAttribute("aria-invalid", text !== "");
  if (text) {
    cell.setAttribute("aria-invalid", "true");
    cell.setAttribute("aria-describedby", `note-${cell.name}`);
  } else {
    cell.removeAttribute("aria-describedby");
  }
}

// The server judges with the rules of forms and files; here is no second set of them.
async function check() {
  const mine = ++asked;
  const cells = changed();
  count.textContent = cells.length ? `${cells.length} changed` : "";
  const body = new FormData();
  body.set("csrfmiddlewaretoken", sheet.elements.csrfmiddlewaretoken.value);
  if (sheet.elements.may_empty?.checked) body.set("may_empty", "1");
  for (const cell of cells) {
    body.set(cell.name, cell.value);
    body.set(`o${cell.name}`, seen(cell));
  }
  let answer = { notes: [] };
  if (cells.length) {
    const response = await fetch(sheet.dataset.check, { method: "POST", body }).catch(() => null);
    if (!response?.ok) return;
    answer = await response.json();
  }
  if (mine !== asked) return;
  const notes = new Map(answer.notes.map((note) => [note.cell, `${note.message} ${note.fix}`.trim()]));
  for (const cell of places.keys()) show(cell, notes.get(cell.name) ?? "");
  if (notes.size) count.textContent = `${cells.length} changed, ${notes.size} cannot be stored`;
}

let timer = 0;
function soon() {
  count.textContent = `${changed().length} changed`;
  clearTimeout(timer);
  timer = setTimeout(check, 400);
}

function go(x, y) {
  const cell = rows[y]?.[x];
  if (!cell) return false;
  cell.focus();
  cell.select();
  return true;
}

function fillDown(cell) {
  const [x, y] = places.get(cell);
  for (let below = y + 1; below < rows.length; below += 1) rows[below][x].value = cell.value;
  soon();
}

sheet.addEventListener("keydown", (event) => {
  const place = places.get(event.target);
  if (!place) return;
  const [x, y] = place;
  const cell = event.target;
  const whole = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
  const atEnd = whole || cell.selectionStart === cell.value.length;
  const atStart = whole || cell.selectionEnd === 0;
  let moved = false;
  if (event.key.toLowerCase() === "d" && (event.ctrlKey || event.metaKey)) {
    fillDown(cell);
    moved = true;
  } else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (event.key === "Enter") moved = go(x, y + (event.shiftKey ? -1 : 1)) || true;
  else if (event.key === "Escape") {
    cell.value = seen(cell);
    soon();
    moved = true;
  } else if (event.key === "ArrowDown" && !cell.list) moved = go(x, y + 1);
  else if (event.key === "ArrowUp" && !cell.list) moved = go(x, y - 1);
  else if (event.key === "ArrowRight" && atEnd) moved = go(x + 1, y);
  else if (event.key === "ArrowLeft" && atStart) moved = go(x - 1, y);
  if (moved) event.preventDefault();
});

// A spreadsheet puts tabs between cells and line ends between rows; quoted cells may hold line ends of their own.
function block(text) {
  const lines = [[""]];
  let quoted = false;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at];
    const row = lines.at(-1);
    if (quoted && char === '"' && source[at + 1] === '"') {
      row[row.length - 1] += '"';
      at += 1;
    } else if (char === '"' && (quoted || row.at(-1) === "")) quoted = !quoted;
    else if (char === "\t" && !quoted) row.push("");
    else if (char === "\n" && !quoted) lines.push([""]);
    else row[row.length - 1] += char === "\n" ? " " : char;
  }
  return lines;
}

function tellLeftOut(lines, x, y) {
  const below = Math.max(0, lines.length - (rows.length - y));
  const beside = Math.max(0, Math.max(...lines.map((line) => line.length)) - (rows[y].length - x));
  const words = [];
  if (below === 1) words.push("1 row did not fit");
  else if (below) words.push(`${below} rows did not fit`);
  if (beside === 1) words.push("1 column did not fit");
  else if (beside) words.push(`${beside} columns did not fit`);
  const next = below ? " Save and go on with the next page, or show more rows on a page and paste again." : " Choose more columns and paste again.";
  leftOut.textContent = words.length ? `${words.join(" and ")} and will not be stored.${next}` : "";
}

sheet.addEventListener("paste", (event) => {
  const place = places.get(event.target);
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!place || !/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return;
  event.preventDefault();
  const [x, y] = place;
  const lines = block(text);
  lines.forEach((line, down) => {
    line.forEach((value, right) => {
      const cell = rows[y + down]?.[x + right];
      if (cell) cell.value = value.trim();
    });
  });
  tellLeftOut(lines, x, y);
  soon();
});

sheet.addEventListener("input", soon);
sheet.addEventListener("submit", () => {
  saving = true;
});
window.addEventListener("beforeunload", (event) => {
  if (!saving && changed().length) event.preventDefault();
});
