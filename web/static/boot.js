/* eslint @typescript-eslint/no-unused-vars: ["error", { "caughtErrors": "none" }] */
// Runs before the first paint, in old syntax on purpose: it sets theme, language and elderly mode
// without a flash, and sends browsers below the design floor to the plain page.
(function () {
  var root = document.documentElement;
  function kept(key) {
    try {
      return localStorage.getItem(key);
    } catch (error) {
      return null;
    }
  }
  var modern =
    typeof CSS !== 'undefined' &&
    CSS.supports &&
    CSS.supports('color', 'oklch(50% 0.1 20)') &&
    CSS.supports('color', 'color-mix(in oklab, red, blue)') &&
    'noModule' in document.createElement('script');
  if (!modern) {
    location.replace('/plain.html');
    return;
  }
  var theme = kept('tongka-theme');
  var dark =
    theme === 'dark' ||
    (theme !== 'light' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  root.setAttribute('data-theme', dark ? 'dark' : 'light');
  if (kept('tongka-elderly') === '1') root.classList.add('elderly');
})();
