/**
 * Hides papers before the first paint, by a style rule for their keys. This is a classic script in the head. `state.js`
 * writes the keys to localStorage, per account, and dispatches `coolpapers:hidden` when they change.
 */
(() => {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  const hide = () => {
    let keys = [];
    try {
      keys = JSON.parse(localStorage.getItem(`hidden-${document.documentElement.dataset.account ?? ""}`)) ?? keys;
    } catch {
      // no access to storage: state.js hides the papers later
    }
    const cards = keys.map((key) => `.cards:not(.shows-hidden)>[data-key="${CSS.escape(key)}"]:not(.is-just-hidden)`);
    sheet.replaceSync(cards.length ? `${cards}{display:none}` : "");
  };
  hide();
  document.addEventListener("coolpapers:hidden", hide);
})();
