import { type ConceptBank, hasFreeSigns } from '@espalier/core';

/**
 * The signs in which a concept is looked at: as it is; and, where it is a convention which end of its direction is called positive, turned
 * round as well.
 */
export function polesOf(bank: Pick<ConceptBank, 'form'>): readonly (1 | -1)[] {
  return hasFreeSigns(bank) ? [1, -1] : [1];
}
