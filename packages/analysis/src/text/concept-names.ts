import type { MetricText } from './names.ts';

const higher = 'higher is better.';

function text(short: string, meaning: string, asPercent = false): MetricText {
  return { title: short, short, meaning, curve: 'mean', asPercent };
}

/** Names of the scores of concepts, in the order of the page. */
export const conceptMetrics: Readonly<Record<string, MetricText>> = {
  'concept-coherence': text('Coherence', `How alike the crops are that a concept is strong in; ${higher}`),
  'concept-coherence-minus-permuted': text(
    'Coherence above chance',
    `Coherence minus that of the same codes dealt to the crops at random; ${higher}`,
  ),
  'concept-distinctness': text('Distinctness of directions', `1 \u2212 mean |cosine| of two concepts; ${higher}`),
  'concept-code-distinctness': text('Distinctness of codes', `1 \u2212 mean |correlation| of two concepts; ${higher}`),
  'concept-reconstruction-error': text('Reconstruction error', 'Relative to the activations; lower is better.'),
  'concept-reconstruction-r2': text('Reconstruction R\u00b2', `Against the image\u2019s mean activation; ${higher}`),
  'concept-completeness-accuracy': text(
    'Completeness: accuracy',
    `Share of images answered rightly when only the concepts are left; ${higher}`,
    true,
  ),
  'concept-completeness-agreement': text(
    'Completeness: agreement',
    `Share of images whose answer stays when only the concepts are left; ${higher}`,
    true,
  ),
  'concept-completeness-added-loss': text(
    'Completeness: added loss',
    'Cross-entropy that is added when only the concepts are left, nats; lower is better.',
  ),
  'concept-stability': text('Stability', `Correlation with the concepts found once more; ${higher}`),
  'concept-lineage': text('Lineage', `Correlation with the concepts of the baseline, where it is 1; ${higher}`),
  'concept-survival': text('Survival', `Share of the baseline\u2019s concepts that live on; ${higher}`, true),
  'concept-recovery-auc': text('Recovery: area under the ROC curve', `Of planted concepts; ${higher}`),
  'concept-recovery-specific-auc': text(
    'Recovery: specific area',
    `The same, and against the other planted concepts; ${higher}`,
  ),
  'concept-recovery-iou': text('Recovery: overlap', `Intersection over union with planted masks; ${higher}`),
  'concept-recovered': text(
    'Planted concepts recovered',
    `Share found with a specific area that is large; ${higher}`,
    true,
  ),
};
