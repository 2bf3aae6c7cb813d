// The queue: rows are brought up to date in place; new ones wait while a person points at or stands in the list.

import { clock } from "./console.js";
import { follow, soon } from "./events.js";
import { fetchPart } from "./requests.js";

const queue = document.getElementById("queue");
const words = document.getElementById("queue-words").dataset;
const partials = new Map();
let pointing = false;
let waiting = null;

const rows = (root) => [...root.querySelectorAll("#rows > tr")];
const ids = (root) => rows(root).map((row) => row.id).join();
const inUse = () => pointing || queue.querySelector("#rows")?.contains(document.activeElement);

const showPartials = () => {
  for (const card of queue.querySelectorAll("[data-call]")) {
    card.querySelector("[data-partial]").textContent = partials.get(card.dataset.call) ?? "";
  }
};

const replaceAll = (fresh) => {
  const focused = document.activeElement?.closest?.("#rows > tr")?.id;
  const search = queue.querySelector("input[name=q]");
  const typed = search === document.activeElement ? [search.value, search.selectionStart] : null;
  queue.replaceChildren(...fresh.childNodes);
  if (typed) {
    const box = queue.querySelector("input[name=q]");
    box.value = typed[0];
    box.focus();
    box.setSelectionRange(typed[1], typed[1]);
  }
  if (focused) document.getElementById(focused)?.querySelector("a.main")?.focus();
  waiting = null;
  showPartials();
};

const replacePart = (selector, fresh) => {
  const [old, young] = [queue.querySelector(selector), fresh.querySelector(selector)];
  if (old && young) { if (old.innerHTML !== young.innerHTML) old.replaceChildren(...young.cloneNode(true).childNodes); return; }
  if (old && !old.contains(document.activeElement)) old.remove();
  if (young) queue.prepend(young.cloneNode(true));
};

// Everything stays where it is: known rows change in place, gone ones are greyed, new ones are announced.
const updateInPlace = (fresh) => {
  const young = new Map(rows(fresh).map((row) => [row.id, row]));
  for (const row of rows(queue)) {
    const now = young.get(row.id);
    row.classList.toggle("is-gone", !now);
    if (!now || row.contains(document.activeElement)) continue;
    if (row.innerHTML !== now.innerHTML) row.replaceChildren(...now.cloneNode(true).childNodes);
  }
  const known = new Set(rows(queue).map((row) => row.id));
  const count = [...young.keys()].filter((id) => !known.has(id)).length;
  const held = queue.querySelector(".held");
  held.hidden = count === 0;
  held.querySelector("button").textContent = count === 1 ? words.newOne : words.newMany.replace("#", count);
  replacePart(".tabs", fresh);
  replacePart("#at-work", fresh);
};

const emergencies = new Set([...queue.querySelectorAll(".call-card[data-urgency=emergency]")].map((card) => card.id));
const alarm = () => {
  const calls = [...queue.querySelectorAll(".call-card[data-urgency=emergency]")];
  const fresh = calls.filter((card) => !emergencies.has(card.id));
  for (const card of fresh) emergencies.add(card.id);
  if (fresh.length) import("./alarm.js").then(({ ring }) => ring(words.emergency));
};

const refresh = async () => {
  const fresh = await fetchPart(location.pathname + location.search, "queue").catch(() => null);
  if (!fresh) return;
  replacePart("#live", fresh);
  showPartials();
  alarm();
  const same = ids(fresh) === ids(queue);
  if (!same && inUse()) { waiting = fresh; updateInPlace(fresh); return; }
  if (same && queue.querySelector("#rows")) updateInPlace(fresh); else replaceAll(fresh);
};

const news = soon(refresh, 150);
follow({
  call: news, draft: news, utterance: news, reset: news,
  partial: ({ call_id: call, text }) => { partials.set(call, text); showPartials(); },
}, { evenHidden: true });

queue.addEventListener("pointerover", (event) => { pointing = Boolean(event.target.closest("#rows")); });
queue.addEventListener("pointerleave", () => { pointing = false; });
queue.addEventListener("click", (event) => { if (event.target.closest(".held") && waiting) { replaceAll(waiting); news(); } });

const move = (step) => {
  const links = [...queue.querySelectorAll("#rows a.main")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step))].focus();
};
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, select, textarea") || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
  const step = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || (event.key.length === 1 && localStorage.getItem("hotline-single-keys-off"))) return;
  event.preventDefault();
  move(step);
});
