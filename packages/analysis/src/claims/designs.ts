import { contrast, crossSeeds, type Measured, mean, type PairedDesign } from '@espalier/numerics';
import { group } from 'd3-array';
import type { Label } from '../study/axes.ts';
import type { Question } from './questions.ts';

/** Two networks' values on samples. */
export interface Sides {
  readonly treated: Measured;
  readonly reference: Measured;
}

/** What is drawn anew between replicates: training seeds, or draws of one seed. */
export type Replicates = 'seeds' | 'draws';

/** Seeds where there are several: draws are within them. */
export function replicatesOf(pairs: readonly { readonly seed: Label | null }[]): Replicates {
  return pairs.length > 1 && new Set(pairs.map(({ seed }) => seed)).size === 1 ? 'draws' : 'seeds';
}

/**
 * The design of a question, or of the same under another definition.
 *
 * @param sides a pair for each of the question's
 * @param keep samples to leave in
 * @param classOf what an image has in common with others; undefined where that is not known
 */
export function pairedDesign(
  sides: readonly Sides[],
  { pairs }: Question,
  keep: (id: string) => boolean,
  classOf: ((id: string) => string | undefined) | undefined,
): PairedDesign {
  const { sample, ids } = pairs[0]!.treated;
  const isKnown = classOf !== undefined && sample === 'image' && ids.every((id) => classOf(id) !== undefined);
  const design = crossSeeds(sides, keep, isKnown ? (id) => classOf(id)! : undefined); // known of every id
  return withinSeeds(
    design,
    pairs.map(({ treated }) => treated.seed),
  );
}

/**
 * Draws of one seed are averaged where there are several seeds, whose spread then has that of the draws
 * in it; with one seed, draws are the replicates.
 */
function withinSeeds(design: PairedDesign, seeds: readonly (Label | null)[]): PairedDesign {
  if (replicatesOf(seeds.map((seed) => ({ seed }))) === 'draws') return design;
  const rows = [...group(seeds.keys(), (i) => seeds[i]!).values()];
  const differences = rows.map((own) => {
    return design.ids.map((_, sample) => mean(own.map((i) => design.differences[i]![sample]!)));
  });
  return { ...design, differences };
}

/**
 * The trend of a measure over sparsity, sample by sample: the line through no difference at no sparsity, fitted by least squares to
 * the differences at the levels, at the sparsest of them. So it is written in the measure's own unit, and its margin holds for it.
 * Null where there are not two levels of the same replicates.
 */
export function trendOf(designs: readonly PairedDesign[], levels: readonly number[]): PairedDesign | null {
  const counts = new Set(designs.map(({ differences }) => differences.length));
  if (designs.length < 2 || counts.size > 1) return null;
  const squares = levels.reduce((sum, level) => sum + level * level, 0);
  const most = Math.max(...levels);
  return contrast(
    designs,
    levels.map((level) => (level * most) / squares),
  );
}
