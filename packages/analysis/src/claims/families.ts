import { holm } from '@espalier/numerics';
import type { Question } from './questions.ts';

/**
 * Claims that are corrected together. `primary`: what the metrics of the study ask. `sanity`: whether explainers can be
 * believed, which is no question about pruning. `companion`: what is read beside either, such as nulls and diagnostics.
 */
export const families = ['primary', 'sanity', 'companion'] as const;

export type Family = (typeof families)[number];

export const familyText: Readonly<Record<Family, string>> = {
  primary: 'the primary scores',
  sanity: 'the sanity checks',
  companion: 'the companions: nulls, diagnostics, other readings',
};

/** How many claims of a family were corrected together, and how many could not be tested. */
export interface FamilySize {
  readonly family: Family;
  readonly size: number;
  readonly untestable: number;
}

export function familyOf({ seeds }: Question): Family {
  const { role } = seeds[0]!.treated;
  return role === 'sanity-check' ? 'sanity' : role;
}

/**
 * Each p after Holm's correction within its family, in the order given; null where there is none.
 *
 * @param tests p in [0, 1], or null where nothing could be tested
 */
export function correctedByFamily(tests: readonly { readonly family: Family; readonly p: number | null }[]): {
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
