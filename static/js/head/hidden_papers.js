/**
 * Hidden papers never flash up: a rule for them stands before the first card is drawn. A plain script in the head.
 * `state.js` keeps their keys in localStorage, by account, and tells by `coolpapers:hidden` when they changed.
 */
(() => {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  const hide = () => {
    let keys = [];
    try {
      keys = JSON.parse(localStorage.getItem(`hidden-${document.documentElement.dataset.account ?? ""}`)) ?? keys;
    } catch {
      // storage is closed to us: state.js hides them a moment later
    }
    const cards = keys.map((key) => `.cards:not(.shows-hidden)>[data-key="${CSS.escape(key)}"]:not(.is-just-hidden)`);
    sheet.replaceSync(cards.length ? `${cards}{display:none}` : "");
  };
  hide();
  document.addEventListener("coolpapers:hidden", hide);
})();
