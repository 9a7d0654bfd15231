/**
 * Light or dark as the reader chose, kept in this browser. A plain script in the head: it runs before the first paint.
 * The choice is a `select[data-theme-choice]`, whose empty value follows the system.
 */
(() => {
  const root = document.documentElement;
  const chosen = () => {
    try {
      const kept = localStorage.getItem("theme"); // the admin keeps its choice there too, and has an "auto"
      return ["light", "dark"].includes(kept) ? kept : "";
    } catch {
      return ""; // storage is closed to us: follow the system
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
  document.addEventListener("DOMContentLoaded", show);
  window.addEventListener("storage", show); // another tab chose
  document.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-theme-choice]")) return;
    localStorage.setItem("theme", target.value);
    show();
  });
})();
