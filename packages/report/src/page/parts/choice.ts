import { type Html, html, type Part } from '@espalier/html';

/** Radio buttons that decide which parts of a gallery are shown; the first is chosen. Arrow keys move the choice. */
export function choice(name: string, legend: string, options: readonly { value: string; label: Part }[]): Html {
  const items = options.map(
    ({ value, label }, i) =>
      html`<label><input type="radio" name="${name}" value="${value}"${i === 0 && html` checked`}><span>${label}</span></label>`,
  );
  return html`<fieldset class="choice" data-choice="${name}"><legend>${legend}</legend><div class="options">${items}</div></fieldset>`;
}
