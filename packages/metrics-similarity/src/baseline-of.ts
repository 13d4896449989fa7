import { type Given, StudyError } from '@espalier/core';

type Inputs = Given<'model' | 'images'>;

/**
 * The model at the baseline, for what compares two models on the same images.
 *
 * @throws StudyError `core/input-missing` without a baseline; `core/inputs-mismatch` where it was given other images, or knows other classes
 */
export function baselineOf({ model, images }: Inputs, baseline: Inputs | undefined, metric: string): Inputs['model'] {
  if (!baseline)
    throw new StudyError(
      'core/input-missing',
      `The metric "${metric}" compares with the model at the node's baseline; found none. Give the node a "baseline", ` +
        'such as { "axis": "sparsity", "at": 0 }.',
    );
  if (baseline.images.digest !== images.digest)
    throw mismatch(metric, `the same images, but the split "${images.name}" differs from that at the baseline`);
  if (baseline.model.classes.join('\n') !== model.classes.join('\n'))
    throw mismatch(metric, `the same classes, found ${model.classes.length} beside ${baseline.model.classes.length}`);
  return baseline.model;
}

function mismatch(metric: string, text: string): StudyError {
  const advice = 'Connect models of the same classes, and one split for all of them.';
  return new StudyError('core/inputs-mismatch', `The metric "${metric}" compares two models on ${text}. ${advice}`);
}
