// Keys: an element with `data-key` is what its key presses. Single letters can be switched off (WCAG 2.1.4).

const OFF = "hotline-single-keys-off";
const typing = (element) => element?.matches?.("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=submit])");
const shown = (element) => !element.disabled && element.getClientRects().length > 0;

let first = "";
let forget;

const nameOf = (event) => {
  const key = event.key === " " ? "Space" : event.key;
  if (event.ctrlKey || event.metaKey) return `Control+${key}`;
  return key;
};

const press = (element) => {
  if (element.matches("input, select, textarea")) { element.focus(); element.select?.(); return; }
  element.click();
};

const find = (name) => [...document.querySelectorAll("[data-key]")].find((e) => e.dataset.key === name && shown(e));

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey || document.querySelector("dialog[open]")) return;
  const name = nameOf(event);
  const single = !name.startsWith("Control+") && name.length === 1;
  if (typing(event.target) && !name.startsWith("Control+")) {
    if (name === "Escape") { event.target.blur(); event.preventDefault(); }
    return;
  }
  if (single && localStorage.getItem(OFF)) return;
  if ((name === "Space" || name === "Enter") && event.target.matches("button, a, summary, [type=checkbox], [type=radio]")) return;
  if (name.startsWith("Arrow") && event.target.matches("[type=radio]")) return;
  const element = find(first ? `${first} ${name}` : name);
  clearTimeout(forget);
  first = "";
  if (element) { event.preventDefault(); press(element); return; }
  if (single && document.querySelector(`[data-key^="${CSS.escape(name)} "]`)) {
    first = name;
    forget = setTimeout(() => { first = ""; }, 1500);
  }
});

const box = document.getElementById("single-keys");
if (box) {
  box.checked = !localStorage.getItem(OFF);
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(OFF); else localStorage.setItem(OFF, "yes");
  });
}
