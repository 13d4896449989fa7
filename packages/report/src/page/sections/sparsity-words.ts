import { count, type ModelRecord, percent, whole } from '@espalier/analysis';
import { type Html, html } from '@espalier/html';

/** Below this fraction of zeros a model is called dense. */
const denseBelow = 1e-3;

/** What has to be said of a model whose label or masks do not tell how sparse it is; null where they do. */
export function sparsityWords(model: ModelRecord): Html | null {
  const { origin, nominal, considered, labelHolds, summary } = model;
  const { claim } = summary.proof;
  const name = html`<code>${origin.instance}</code>`;
  const label = nominal === null ? 'has no label' : html`is labelled <strong>${percent(nominal)}</strong>`;
  if (!claim || claim.held) {
    if (labelHolds) return null;
    const asked = nominal === null ? 'nothing' : percent(nominal);
    const of = claim ? 'the weights that its pruner considered' : 'its kernel weights';
    return html`${name} is labelled <strong>${asked}</strong>; counted, <strong>${percent(considered)}</strong> of ${of} are zero.`;
  }
  const masks = html`Its masks removed ${percent(claim.removed)} of the ${whole(claim.weights)} weights that its pruner considered${claim.rounds > 1 && html` by round ${claim.rounds}`}, once, and were not enforced`;
  if (considered < denseBelow) {
    return html`${name} ${label} and <strong>is dense</strong>. ${masks}; as evaluated, <strong>${percent(considered)}</strong> of them are zero.`;
  }
  if (considered < claim.removed - 1e-4) {
    return html`${name} ${label} and <strong>regrew to ${percent(considered)}</strong>. ${masks}; as evaluated, ${percent(considered)} of them are zero.`;
  }
  return html`${name} ${label}. ${masks}; nothing has regrown: ${percent(considered)} of them are zero.`;
}

/** Which epoch's weights a model has, and whether the images that chose it are seen again when it is evaluated. */
export function selectionWords({ summary: { selected } }: ModelRecord): string {
  if (!selected) return 'last';
  const { split, epoch, epochs, accuracy, compared } = selected;
  const among = compared === 'before-epoch' ? 'before each epoch, never after the last' : 'after each epoch';
  return `after ${epoch} of ${count(epochs, 'epoch')}: best accuracy (${percent(accuracy, 1)}) on ${split}, compared ${among}`;
}

/** Splits that evaluation uses: choosing on them leaks. */
export function selectionLeaks({ summary: { selected } }: ModelRecord): boolean {
  return selected?.split === 'val' || selected?.split === 'eval';
}
