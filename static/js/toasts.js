// Toasts: those of the page, and those an htmx answer brings in the event `toasts`. Errors stay until dismissed.
const SHOWN_MS = 6000;

function close(toast) {
  toast.classList.add("is-leaving");
  setTimeout(() => toast.remove(), 180);
}

function watch(toast) {
  if (toast.classList.contains("toast-error")) return;
  let timer = setTimeout(() => close(toast), SHOWN_MS);
  const hold = () => clearTimeout(timer);
  const release = () => { timer = setTimeout(() => close(toast), SHOWN_MS / 2); };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", release);
  toast.addEventListener("focusout", release);
}

// `help`: the page of the guide about the cause, or nothing.
export function toast(level, text, help) {
  const template = document.getElementById("toast-template");
  const region = document.getElementById("toasts");
  if (!template || !region) return;
  const element = template.content.querySelector("[data-toast]").cloneNode(true);
  element.classList.replace("toast-info", `toast-${level}`);
  if (level === "error") element.setAttribute("role", "alert");
  element.querySelector("p").textContent = text;
  const link = element.querySelector(".cause-link");
  if (help) link.href = help;
  else link.remove();
  region.append(element);
  watch(element);
}

document.querySelectorAll("[data-toast]").forEach(watch);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-toast-close]");
  if (button) close(button.closest("[data-toast]"));
});
document.body.addEventListener("toasts", (event) => {
  for (const { level, text, help } of event.detail.value) toast(level, text, help);
});
document.body.addEventListener("htmx:sendError", () => toast("error", "The server could not be reached. Check your connection and try again."));
document.body.addEventListener("htmx:timeout", () => toast("error", "The server took too long to answer. Try again."));
document.body.addEventListener("htmx:responseError", (event) => {
  const { status, getResponseHeader } = event.detail.xhr;
  if (status === 403) toast("error", "You may not do this, or you have been logged out. Reload the page.");
  else if (status >= 500) toast("error", "An error on our side. It has been recorded; try again in a minute.");
  else if (!getResponseHeader.call(event.detail.xhr, "HX-Trigger")) toast("error", "That did not work. Reload the page and try again.");
});
