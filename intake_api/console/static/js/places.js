// The place picker: lists below each other, or what a search finds; a choice fills county, town and village at once.

import { soon } from "./events.js";
import { set } from "./form.js";
import { fetchPart } from "./requests.js";

const dialog = document.getElementById("places");
const list = document.getElementById("places-list");
const box = document.getElementById("places-search");

const show = async (query) => {
  const fresh = await fetchPart(`/places?${query}`, "places").catch(() => null);
  if (!fresh) return;
  const depth = [...list.querySelectorAll(".place-list")].findIndex((column) => column.contains(document.activeElement));
  list.replaceChildren(...fresh.childNodes);
  if (depth >= 0) (list.querySelectorAll(".place-list")[depth + 1] ?? list).querySelector("button:not(.muted)")?.focus();
};
const search = soon(() => show(`q=${encodeURIComponent(box.value)}`), 150);

const take = (button) => {
  for (const name of ["county", "town", "community"]) set(name, button.dataset[name]);
  dialog.close();
};

document.querySelector("[data-opens=places]")?.addEventListener("click", () => { box.value = ""; show(""); box.focus(); });
box?.addEventListener("input", search);
list?.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.open) { button.focus(); show(button.dataset.open); } else take(button);
});
dialog?.addEventListener("keydown", async (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && event.target === box) {
    event.preventDefault();
    await show(`q=${encodeURIComponent(box.value)}`);
    const first = list.querySelector("[data-county]");
    if (box.value && first) take(first);
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const column = event.target.closest(".place-list") ?? list;
  const buttons = [...column.querySelectorAll("button")];
  const at = buttons.indexOf(event.target);
  const next = buttons[at + (event.key === "ArrowDown" ? 1 : -1)];
  event.preventDefault();
  (next ?? (at === 0 ? box : null))?.focus();
});
