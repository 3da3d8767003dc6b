// Countdowns every second, relative times every half minute. The server's text stands when scripts are off.
const NEAR = 600;
const URGENT = 300;

function left(seconds, state) {
  if (seconds < 0) return seconds <= -60 ? `overdue ${Math.floor(-seconds / 60)} min` : "overdue";
  return `${span(seconds)} left${state === "urgent" ? ", urgent" : ""}`;
}

function span(seconds) {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (hours >= 24) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  if (hours) return `${hours} h ${String(minutes).padStart(2, "0")} min`;
  return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
}

function ago(milliseconds) {
  const seconds = milliseconds / 1000;
  for (const [size, unit] of [[86400, "day"], [3600, "hour"], [60, "minute"]]) {
    const count = Math.floor(Math.abs(seconds) / size);
    if (count) {
      const words = `${count} ${unit}${count === 1 ? "" : "s"}`;
      return seconds > 0 ? `${words} ago` : `in ${words}`;
    }
  }
  return seconds >= 0 ? "just now" : "in a moment";
}

function tick() {
  for (const element of document.querySelectorAll("time[data-countdown]")) {
    const seconds = Math.floor((new Date(element.dateTime) - Date.now()) / 1000);
    const state = seconds <= URGENT ? "urgent" : seconds <= NEAR ? "near" : "calm";
    const text = left(seconds, state);
    if (element.textContent !== text) element.textContent = text;
    element.className = `countdown countdown-${state}`;
  }
}

function relative() {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    element.textContent = ago(Date.now() - new Date(element.dateTime));
  }
}

setInterval(tick, 1000);
setInterval(relative, 30_000);
document.body.addEventListener("htmx:afterSettle", tick);
