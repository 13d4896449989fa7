import { expectFinite, StudyError } from '@espalier/core';

/** What becomes of negative activations. */
export type Negative = 'split' | 'refuse';

/** @throws StudyError `core/not-supported` where a value is negative that must not be; `core/values-not-finite` */
export function expectSigns(places: Float32Array, layer: string, negative: Negative): void {
  expectFinite(places, `activations of "${layer}"`);
  const index = negative === 'split' ? -1 : places.findIndex((value) => value < 0);
  if (index < 0) return;
  throw new StudyError(
    'core/not-supported',
    `CRAFT with \`negative\` "refuse" needs a layer whose activations are never negative, such as one after a ReLU; "${layer}" gave ` +
      `${places[index]} at index ${index} of ${places.length}. Choose another \`layer\`, or \`negative\` "split".`,
  );
}
