/**
 * The page's own script: theme button, gallery choices, and links into what is folded away. The page is complete without it: then
 * every panel is shown, and what is folded away unfolds by itself.
 */
export const pageScript = `'use strict';
(() => {
  const root = document.documentElement;
  const themes = ['auto', 'light', 'dark'];
  const button = document.querySelector('.theme');
  const setTheme = (theme) => {
    if (theme === 'auto') root.removeAttribute('data-theme');
    else root.setAttribute('data-theme', theme);
    button.textContent = 'Theme: ' + theme;
    try { localStorage.setItem('espalier-theme', theme); } catch {}
  };
  let stored = 'auto';
  try { stored = localStorage.getItem('espalier-theme') || 'auto'; } catch {}
  setTheme(themes.includes(stored) ? stored : 'auto');
  button.hidden = false;
  button.addEventListener('click', () => {
    const now = root.getAttribute('data-theme') || 'auto';
    setTheme(themes[(themes.indexOf(now) + 1) % themes.length]);
  });

  // What each choice of a section stands at, by name: a part is shown where all of them allow it.
  const chosenIn = new Map();
  const apply = (choice) => {
    const chosen = (choice.querySelector('input:checked') || choice).value;
    const name = choice.dataset.choice;
    const section = choice.closest('section');
    const now = (chosenIn.get(section) || new Map()).set(name, chosen);
    chosenIn.set(section, now);
    const hides = (part) => [...now].some(([by, value]) => value !== '*' && part.hasAttribute('data-' + by) && part.getAttribute('data-' + by) !== value);
    section.dataset['now' + name.replace(/(^|-)[a-z]/g, (part) => part.slice(-1).toUpperCase())] = chosen;
    for (const part of section.querySelectorAll('[data-' + name + ']')) part.hidden = hides(part);
    for (const box of section.querySelectorAll('.concept-levels')) {
      if (chosen === '*') box.tabIndex = 0;
      else if (name === 'concept-level') box.removeAttribute('tabindex');
    }
  };
  for (const form of document.querySelectorAll('form.controls')) {
    form.hidden = false;
    form.reset();
    form.addEventListener('submit', (event) => event.preventDefault());
    for (const choice of form.querySelectorAll('[data-choice]')) {
      apply(choice);
      choice.addEventListener('change', () => apply(choice));
    }
  }

  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    for (let box = target && target.closest('details'); box; box = box.parentElement.closest('details')) box.open = true;
    if (target) target.scrollIntoView({ block: 'center' });
  };
  addEventListener('hashchange', reveal);
  if (location.hash) reveal();
})();
`;
