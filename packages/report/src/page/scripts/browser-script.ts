/** The image browser's own script: steps from image to image, keeps the chosen one in the address, enlarges maps beside the image. */
export const browserScript = `(() => {
  const section = document.querySelector('#attributions');
  const form = section.querySelector('form.browser');
  if (!form) return;
  const picked = form.querySelector('select');
  const radios = [...form.querySelectorAll('input[name=sample]')].filter((radio) => radio.value !== '*');
  const where = form.querySelector('output');
  const classOf = (radio) => radio.closest('label').dataset.imageClass;
  const changed = (control) => control.dispatchEvent(new Event('change', { bubbles: true }));
  const choose = (radio) => {
    radio.checked = true;
    if (picked && picked.value !== classOf(radio)) {
      picked.value = classOf(radio);
      changed(picked);
    }
    changed(radio);
  };
  const refresh = () => {
    const at = radios.findIndex((radio) => radio.checked);
    where.textContent = at < 0 ? 'all images of the class' : 'image ' + (at + 1) + ' of ' + radios.length;
    for (const part of section.querySelectorAll('.of-class')) part.open = !part.hidden;
    for (const sample of section.querySelectorAll('.of-class:not([hidden]) .sample:not([hidden])')) {
      const photo = 'url("' + sample.querySelector('.photo').src + '")';
      for (const tile of sample.querySelectorAll('.tile')) tile.style.backgroundImage = photo;
    }
  };
  form.addEventListener('change', (event) => {
    const { target } = event;
    const current = radios.find((radio) => radio.checked);
    if (target === picked && current && classOf(current) !== picked.value)
      return choose(radios.find((radio) => classOf(radio) === picked.value));
    refresh();
    if (target.name !== 'sample') return;
    try { history.replaceState(null, '', target.value === '*' ? '#attributions' : '#image-' + target.value); } catch {}
  });
  for (const button of form.querySelectorAll('[data-step]')) {
    button.addEventListener('click', () => {
      const step = Number(button.dataset.step);
      const at = radios.findIndex((radio) => radio.checked);
      const from = at < 0 ? radios.findIndex((radio) => !radio.closest('label').hidden) - Math.max(0, step) : at;
      choose(radios[(from + step + radios.length) % radios.length]);
    });
  }
  const follow = () => {
    const radio = radios.find(({ value }) => location.hash === '#image-' + value);
    if (!radio) return;
    choose(radio);
    document.getElementById(location.hash.slice(1)).scrollIntoView({ block: 'center' });
  };
  section.addEventListener('error', () => { section.querySelector('.lost').hidden = false; }, true);
  addEventListener('hashchange', follow);
  refresh();
  follow();

  const dialog = document.querySelector('dialog.lens');
  const panes = dialog.querySelector('.panes');
  const caption = dialog.querySelector('.caption');
  let current = null;
  const pane = (picture, text) => {
    const figure = document.createElement('figure');
    const words = document.createElement('figcaption');
    words.textContent = text;
    figure.append(picture, words);
    return figure;
  };
  const copyOf = (tile) => {
    const copy = document.createElement('span');
    copy.className = tile.className;
    copy.append(tile.querySelector('img').cloneNode());
    return copy;
  };
  const tileAt = (row, column) => row && row.cells[column] && row.cells[column].querySelector('.tile');
  const show = (tile) => {
    current = tile;
    const cell = tile.closest('td');
    const { sign } = cell.parentElement.dataset;
    const rowOf = (part) => cell.closest('tbody').querySelector('tr[data-sign=' + sign + '][data-part=' + part + ']');
    const photo = tile.closest('.sample').querySelector('.photo');
    const dense = tileAt(rowOf('map'), Number(cell.dataset.dense || -1));
    const own = tileAt(rowOf('map'), cell.cellIndex);
    const difference = tileAt(rowOf('difference'), cell.cellIndex);
    const level = own && own.closest('table').tHead.rows[0].cells[cell.cellIndex].firstChild.textContent;
    panes.replaceChildren(
      pane(photo.cloneNode(), 'image'),
      ...(dense ? [pane(copyOf(dense), 'dense')] : []),
      ...(own ? [pane(copyOf(own), level)] : []),
      ...(difference ? [pane(copyOf(difference), level + ' minus dense')] : []),
    );
    caption.textContent = tile.querySelector('img').alt;
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
    const tile = event.target.closest('button.tile');
    if (!tile) return;
    show(tile);
    dialog.showModal();
  });
  document.addEventListener('keydown', (event) => {
    const move = moves[event.key];
    const focused = document.activeElement && document.activeElement.closest('button.tile');
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
