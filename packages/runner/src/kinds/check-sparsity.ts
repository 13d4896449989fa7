import { type CheckedClaim, type Pruner, StudyError } from '@espalier/core';

// The evaluated model may differ from its nominal sparsity by rounding of counts, not by more.
const tolerance = 1e-4;

/**
 * Compares the zeros among the weights that the pruner considered with what it stands for. What only an earlier
 * pruner masked is none of its business; of masks that are not enforced, only the masks themselves are compared.
 *
 * @throws StudyError `core/sparsity-mismatch`
 */
export function checkSparsity(use: string, claim: CheckedClaim, sparsityIs: NonNullable<Pruner['sparsityIs']>): void {
  const { nominal, counted, removed, held, weights, considered } = claim;
  // Counts are whole numbers: each parameter may be off by half a weight, which matters in tiny networks only.
  const allowed = Math.max(tolerance, considered.length / (2 * Math.max(1, weights)));
  if (!held) {
    if (sparsityIs === 'target' && Math.abs(removed - nominal) > allowed) throw otherLevel(use, nominal, removed);
    return;
  }
  if (sparsityIs === 'target' && Math.abs(counted - nominal) > allowed) {
    throw new StudyError(
      'core/sparsity-mismatch',
      `${use} stands for a sparsity of ${nominal}; of the weights that it considers, ${counted.toFixed(6)} are zero in the ` +
        'model as evaluated. Its masks must remove that fraction, together with what was removed before, and training must hold them.',
    );
  }
  if (counted < removed - allowed) {
    throw new StudyError(
      'core/sparsity-mismatch',
      `${use} removed ${removed.toFixed(6)} of the weights that it considers; ${counted.toFixed(6)} are zero in the ` +
        'model as evaluated. Training must hold its masks.',
    );
  }
}

function otherLevel(use: string, nominal: number, removed: number): StudyError {
  return new StudyError(
    'core/sparsity-mismatch',
    `${use} stands for a sparsity of ${nominal}; its masks remove ${removed.toFixed(6)} of the weights that it considers. They must ` +
      'remove that fraction, together with what was removed before.',
  );
}
