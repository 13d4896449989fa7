import type { BankTask } from '@espalier/concept-activations';
import { StudyError } from '@espalier/core';

/** What becomes of negative activations. */
export type Negative = 'split' | 'refuse';

/** For a bank's task: nothing where negative activations are split, else what throws `core/not-supported` at the first one. */
export function refusalOfNegative(layer: string, negative: Negative): Pick<BankTask, 'refuse'> {
  if (negative === 'split') return {};
  return {
    refuse(places) {
      const index = places.findIndex((value) => value < 0);
      if (index < 0) return;
      throw new StudyError(
        'core/not-supported',
        `CRAFT with \`negative\` "refuse" needs a layer whose activations are never negative, such as one after a ReLU; "${layer}" gave ` +
          `${places[index]} at index ${index} of ${places.length}. Choose another \`layer\`, or \`negative\` "split".`,
      );
    },
  };
}
