// Theme and language of the page, set before the first paint: a classic script, loaded blocking.
// Theme: the choice kept here, else the system's. Language: ?lang, the choice kept here, the browser's, [ui] lang.
(() => {
  const root = document.documentElement;
  const configured = document.querySelector('meta[name="okydrom"]').dataset;
  const kept = (key) => {
    try {
      return localStorage.getItem(`okydrom.${key}`);
    } catch {
      return null; // storage is forbidden: nothing is kept
    }
  };

  const theme = kept("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;

  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = [asked, kept("lang"), ...navigator.languages, configured.lang];
  const known = wanted.map((tag) => /^(ru|en)\b/i.exec(tag ?? "")?.[1].toLowerCase());
  root.lang = known.find(Boolean) ?? "en";
  import(`./${root.lang}.js`).catch(() => {}); // the page asks for it later, and says what is wrong then
})();
