// Runs before the modules: keys that are pressed while the page still loads are kept and pressed again when it hears.
(() => {
  const kept = [];
  const keep = (event) => {
    const typing = event.target !== document.body && event.target !== document.documentElement;
    if (typing || event.isComposing || ["Shift", "Control", "Alt", "Meta", "Tab"].includes(event.key)) return;
    kept.push({ key: event.key, code: event.code, ctrlKey: event.ctrlKey, altKey: event.altKey, metaKey: event.metaKey, shiftKey: event.shiftKey });
  };
  document.addEventListener("keydown", keep);
  // Modules have run by then (HTML, "the end": scripts that are deferred come before this event).
  document.addEventListener("DOMContentLoaded", () => {
    document.removeEventListener("keydown", keep);
    for (const keys of kept) {
      const at = document.activeElement ?? document.body;
      const unheard = at.dispatchEvent(new KeyboardEvent("keydown", { ...keys, bubbles: true, cancelable: true }));
      if (unheard && keys.key === "Enter" && at.matches("a, button")) at.click(); // made events open no links
    }
  });
})();
