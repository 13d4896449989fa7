import type { ScoreRole } from '@espalier/core';
import { holm } from '@espalier/numerics';

/** Claims that are corrected together: those of scores with one role. */
export const families = ['primary', 'sanity-check', 'companion'] as const satisfies readonly ScoreRole[];

export const familyText: Readonly<Record<ScoreRole, string>> = {
  primary: 'the primary scores',
  'sanity-check': 'the sanity checks',
  companion: 'the companions: nulls, diagnostics, other readings',
};

/** How many claims of a family were corrected together, and how many could not be tested. */
export interface FamilySize {
  readonly family: ScoreRole;
  readonly size: number;
  readonly untestable: number;
}

/** Each p in [0, 1] after Holm's correction within its family, in the order given; null where there is none. */
export function correctedByFamily(tests: readonly { readonly family: ScoreRole; readonly p: number | null }[]): {
  readonly adjusted: readonly (number | null)[];
  readonly sizes: readonly FamilySize[];
} {
  const adjusted: (number | null)[] = tests.map(() => null);
  const sizes = families.flatMap((family): FamilySize[] => {
    const all = [...tests.keys()].filter((i) => tests[i]!.family === family);
    const tested = all.filter((i) => tests[i]!.p !== null);
    const corrected = holm(tested.map((i) => tests[i]!.p!));
    for (const [place, i] of tested.entries()) adjusted[i] = corrected[place]!;
    return all.length === 0 ? [] : [{ family, size: tested.length, untestable: all.length - tested.length }];
  });
  return { adjusted, sizes };
}
