// Runs before the modules: what is pressed or clicked while the page still loads is done when it hears.
(() => {
  const kept = [];
  const keepKey = (event) => {
    const typing = event.target !== document.body && event.target !== document.documentElement;
    if (typing || event.isComposing || ["Shift", "Control", "Alt", "Meta", "Tab"].includes(event.key)) return;
    const keys = { key: event.key, code: event.code, ctrlKey: event.ctrlKey, altKey: event.altKey, metaKey: event.metaKey, shiftKey: event.shiftKey };
    kept.push(() => {
      const at = document.activeElement ?? document.body;
      const unheard = at.dispatchEvent(new KeyboardEvent("keydown", { ...keys, bubbles: true, cancelable: true }));
      if (unheard && keys.key === "Enter" && at.matches("a, button")) at.click(); // made events open no links
    });
  };
  // A button of this type does nothing without a script: nothing is done twice.
  const keepClick = (event) => {
    const button = event.target.closest?.("button[type=button]");
    if (button) kept.push(() => button.click());
  };
  document.addEventListener("keydown", keepKey);
  document.addEventListener("click", keepClick);
  // Modules have run by then (HTML, "the end": scripts that are deferred come before this event).
  document.addEventListener("DOMContentLoaded", () => {
    document.removeEventListener("keydown", keepKey);
    document.removeEventListener("click", keepClick);
    for (const act of kept) act();
  });
})();
