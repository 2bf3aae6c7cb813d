// Every page: dialogs, menus, rows that open, seconds that pass, the banner.

import "./keys.js";
import { fetchPart } from "./requests.js";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  const row = event.target.closest("tr[data-href]");
  if (row && !event.target.closest("a, button, input, select") && !String(getSelection())) location.assign(row.dataset.href);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); event.preventDefault(); }
}, true);

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

// A form sent twice confirms nothing twice, but it may tell the person that they were second to themselves.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  setTimeout(() => { delete form.dataset.sent; }, 4000);
});

export const toast = (text, tone = "") => {
  const line = document.createElement("div");
  line.className = "toast-line";
  line.dataset.tone = tone;
  line.textContent = text;
  document.getElementById("toasts").append(line);
  setTimeout(() => line.remove(), 8000);
};

const two = (number) => String(number).padStart(2, "0");
export const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60);
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
};

setInterval(() => {
  for (const shown of document.querySelectorAll("[data-since]")) {
    shown.textContent = clock((Date.now() - Date.parse(shown.dataset.since)) / 1000);
  }
}, 1000);

// A page that waits for something that is done in the background looks again by itself.
const waits = document.querySelector("[data-reloads]");
if (waits) setTimeout(() => location.reload(), 1000 * Number(waits.dataset.reloads));

const banner = document.getElementById("banner");
const BANNER_MILLISECONDS = 15000;
if (banner) setInterval(async () => {
  if (document.hidden) return;
  try {
    const body = await fetchPart(banner.dataset.refresh, "banner");
    if (body.innerHTML.trim() !== banner.innerHTML.trim()) banner.replaceChildren(...body.childNodes);
  } catch { /* said by the connection's own sign */ }
}, BANNER_MILLISECONDS);
