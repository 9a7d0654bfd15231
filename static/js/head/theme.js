/**
 * Applies what the reader chose in this browser: the theme, the text size, and whether lists have a reading pane
 * (static/js/cards/pane.js) and how wide it is. This is a classic script in the head, so it runs before the first paint.
 * The controls are `select[data-theme-choice]` and `select[data-text-choice]`; their empty value follows the system.
 */
(() => {
  const root = document.documentElement;
  const CHOICES = { theme: ["light", "dark"], text: ["small", "large"], pane: ["closed"] };
  const apply = (name) => {
    let value = "";
    try {
      value = localStorage.getItem(name); // the admin stores its own theme there, which may be "auto"
    } catch {
      // no access to storage: follow the system
    }
    if (!CHOICES[name].includes(value)) value = "";
    if (value) root.dataset[name] = value;
    else delete root.dataset[name];
    const choice = document.querySelector(`[data-${name}-choice]`);
    if (choice) choice.value = value;
    return value;
  };
  const show = () => {
    apply("text");
    apply("pane");
    const theme = apply("theme");
    for (const meta of document.querySelectorAll("meta[data-scheme]")) {
      const { scheme } = meta.dataset;
      meta.media = theme ? (scheme === theme ? "all" : "not all") : `(prefers-color-scheme: ${scheme})`;
    }
  };
  show();
  try {
    root.style.setProperty("--pane", localStorage.paneWidth ?? "");
  } catch {
    // no access to storage
  }
  document.addEventListener("DOMContentLoaded", show);
  window.addEventListener("storage", show); // chosen in another tab
  document.addEventListener("change", ({ target }) => {
    const name = Object.keys(CHOICES).find((one) => target.matches(`[data-${one}-choice]`));
    if (!name) return;
    localStorage.setItem(name, target.value);
    show();
  });
})();
