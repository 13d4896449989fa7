/**
 * The page's own script: theme button, gallery choices, enlarged tiles. The page is complete without it:
 * then every panel is shown and nothing needs a click.
 */
export const script = `'use strict';
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

  const apply = (choice) => {
    const chosen = choice.querySelector('input:checked').value;
    const name = choice.dataset.choice;
    const section = choice.closest('section');
    section.dataset['now' + name.replace(/(^|-)[a-z]/g, (part) => part.slice(-1).toUpperCase())] = chosen;
    for (const part of section.querySelectorAll('[data-' + name + ']')) {
      part.hidden = chosen !== '*' && part.getAttribute('data-' + name) !== chosen;
    }
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

  const dialog = document.querySelector('dialog.lens');
  const image = dialog.querySelector('img');
  const photo = dialog.querySelector('.photo');
  const caption = dialog.querySelector('.caption');
  let current = null;
  const show = (tile) => {
    current = tile;
    const source = tile.querySelector('img');
    image.src = source.src;
    image.alt = source.alt;
    caption.textContent = source.alt;
    photo.className = 'photo ' + [...tile.classList].find((name) => name.startsWith('photo-'));
  };
  const step = (columns, rows) => {
    const cell = current.closest('td');
    const cells = (row) => [...row.children].filter((each) => !each.hidden);
    const visible = [...cell.closest('table').querySelectorAll('tr')].filter((row) => row.querySelector('.tile') && row.offsetParent);
    const row = visible[visible.indexOf(cell.parentElement) + rows];
    const next = row && cells(row)[cells(cell.parentElement).indexOf(cell) + columns];
    return next && next.querySelector('.tile');
  };
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.addEventListener('click', (event) => {
    const tile = event.target.closest('.tile');
    if (!tile) return;
    show(tile);
    dialog.showModal();
  });
  document.addEventListener('keydown', (event) => {
    const move = moves[event.key];
    const focused = document.activeElement && document.activeElement.closest('.tile');
    if (!move || (!dialog.open && !focused)) return;
    if (!dialog.open) current = focused;
    const next = step(...move);
    event.preventDefault();
    if (!next) return;
    if (dialog.open) show(next);
    else next.focus();
  });
  dialog.addEventListener('close', () => current && current.focus());
  dialog.querySelector('button').addEventListener('click', () => dialog.close());
})();
`;
