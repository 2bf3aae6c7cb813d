// Runs before the first paint so that no page flashes: the chosen theme, else the system's.
(() => {
  const chosen = document.cookie.match(/(?:^|; )hotline_theme=(light|dark)/)?.[1];
  const system = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    document.documentElement.dataset.bsTheme = chosen ?? (system.matches ? "dark" : "light");
  };
  show();
  system.addEventListener("change", show);
})();
