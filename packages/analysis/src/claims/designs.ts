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

/** Seeds where there are several. Of one seed, draws: those on an axis of the study, else those within the scores. */
export function replicatesOf(
  sides: readonly { readonly seed: Label | null; readonly byDraw: readonly unknown[] }[],
): Replicates {
  if (new Set(sides.map(({ seed }) => seed)).size > 1) return 'seeds';
  return sides.length > 1 || sides.some(({ byDraw }) => byDraw.length > 1) ? 'draws' : 'seeds';
}

/**
 * The design of a question, or of the same under another definition.
 *
 * @param sides a pair for each of the question's
 * @param keep samples to leave in
 * @param classOf what an image has in common with others; undefined where that is not known. What the metric says is shared goes before
 */
export function pairedDesign(
  sides: readonly Sides[],
  { pairs }: Pick<Question, 'pairs'>,
  keep: (id: string) => boolean,
  classOf: ((id: string) => string | undefined) | undefined,
): PairedDesign {
  const { sample, ids, sharedFits } = pairs[0]!.treated;
  const fits = sharedFits && new Map(ids.map((id, i) => [id, sharedFits[i]!]));
  const isKnown = classOf !== undefined && sample === 'image' && ids.every((id) => classOf(id) !== undefined);
  const groupOf = fits ? (id: string) => fits.get(id)! : isKnown ? (id: string) => classOf(id)! : undefined; // known of every id
  const design = crossSeeds(sides, keep, groupOf);
  return withinSeeds(
    fits ? { ...design, shareFits: true } : design,
    pairs.map(({ treated }) => treated.seed),
  );
}

/**
 * Draws on an axis of the study, such as masks, are other ones in every seed: they are averaged where there are several seeds, whose
 * spread then has that of the draws in it; with one seed, they are the replicates. Draws within the scores are the same ones in every seed and
 * draw of the axis: they are crossed with those, and the replicates themselves where there is one network alone.
 */
function withinSeeds({ byDraw, ...design }: PairedDesign, seeds: readonly (Label | null)[]): PairedDesign {
  if (seeds.length === 1) return byDraw ? { ...design, differences: byDraw } : design;
  const crossed = { ...design, ...(byDraw && { byDraw }) };
  const rows = [...group(seeds.keys(), (i) => seeds[i]!).values()];
  if (rows.length === 1) return crossed;
  const differences = rows.map((own) => {
    return design.ids.map((_, sample) => mean(own.map((i) => design.differences[i]![sample]!)));
  });
  return { ...crossed, differences };
}

/**
 * The trend of a measure over sparsity, sample by sample: the line through no difference at no sparsity, fitted by least squares to
 * the differences at the levels, at the sparsest of them. So it is written in the measure's own unit, and its margin holds for it.
 * Null where there are not two levels of the same replicates.
 */
export function trendOf(designs: readonly PairedDesign[], levels: readonly number[]): PairedDesign | null {
  const counts = new Set(designs.map(({ differences, byDraw = [] }) => `${differences.length} ${byDraw.length}`));
  if (designs.length < 2 || counts.size > 1) return null;
  const squares = levels.reduce((sum, level) => sum + level * level, 0);
  const most = Math.max(...levels);
  return contrast(
    designs,
    levels.map((level) => (level * most) / squares),
  );
}
