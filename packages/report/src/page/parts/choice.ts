import { type Html, html, type Part } from '@espalier/html';

export interface ChoiceOption {
  readonly value: string;
  readonly label: Part;
  /** Attributes of its label. */
  readonly mark?: Html;
}

/** Radio buttons that decide which parts of a gallery are shown; the first is chosen. Arrow keys move the choice. */
export function choice(name: string, legend: string, options: readonly ChoiceOption[]): Html {
  const items = options.map(
    ({ value, label, mark }, i) =>
      html`<label${mark}><input type="radio" name="${name}" value="${value}"${i === 0 && html` checked`}><span>${label}</span></label>`,
  );
  return html`<fieldset class="choice" data-choice="${name}"><legend>${legend}</legend><div class="options">${items}</div></fieldset>`;
}

/** The same as a list that takes little room; the first is chosen. */
export function choiceList(name: string, legend: string, options: readonly ChoiceOption[]): Html {
  const items = options.map(({ value, label }) => html`<option value="${value}">${label}</option>`);
  return html`<label class="of">${legend} <select data-choice="${name}">${items}</select></label>`;
}
