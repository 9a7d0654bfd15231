/**
 * Applies what the reader chose in this browser: the theme, and whether lists have a reading pane (static/js/cards/pane.js)
 * and how wide it is. This is a classic script in the head, so it runs before the first paint. The control is a `select[data-theme-choice]`; its empty value follows the system.
 */
(() => {
  const root = document.documentElement;
  const chosen = () => {
    try {
      const stored = localStorage.getItem("theme"); // the admin stores its own choice there, which may be "auto"
      return ["light", "dark"].includes(stored) ? stored : "";
    } catch {
      return ""; // no access to storage: follow the system
    }
  };
  const show = () => {
    const theme = chosen();
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    for (const meta of document.querySelectorAll("meta[data-scheme]")) {
      const { scheme } = meta.dataset;
      meta.media = theme ? (scheme === theme ? "all" : "not all") : `(prefers-color-scheme: ${scheme})`;
    }
    const choice = document.querySelector("[data-theme-choice]");
    if (choice) choice.value = theme;
  };
  show();
  root.dataset.pane = "open";
  try {
    root.dataset.pane = localStorage.pane ?? "open";
    root.style.setProperty("--pane", localStorage.paneWidth ?? "");
  } catch {
    // no access to storage
  }
  document.addEventListener("DOMContentLoaded", show);
  window.addEventListener("storage", show); // chosen in another tab
  document.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-theme-choice]")) return;
    localStorage.setItem("theme", target.value);
    show();
  });
})();
