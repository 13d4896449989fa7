import { group } from 'd3-array';
import type { Question } from './questions.ts';
import type { ScoredSamples } from './scored-samples.ts';

/** Every set of images that claims may be about. */
export const imageSets = ['all', 'correct-by-all', 'correct-by-both'] as const;

/** Which images a claim is about: part of what the claim says. */
export type ImageSet = (typeof imageSets)[number];

/** Each set in words. */
export const imageSetText: Readonly<Record<ImageSet, string>> = {
  all: 'all images',
  'correct-by-all':
    'images that every model of the compared arms classifies correctly, at every level and in every seed',
  'correct-by-both': 'images that the pruned model and what it is held against classify correctly, in every seed',
};

/** The set that a question is about: the study's; where the study takes all images, that of the metric. */
export function imageSetOf({ pairs }: Question, chosen: ImageSet): ImageSet {
  return chosen === 'all' ? (pairs[0]!.treated.comparedOn ?? chosen) : chosen;
}

/** Which images each model gets right. */
export class CorrectImages {
  readonly #models = new Map<string, ScoredSamples & { readonly correct: ReadonlySet<string> }>();

  /** Knows it of scores that say so, and of those that only images have that are answered correctly. */
  constructor(scores: readonly ScoredSamples[]) {
    const own = scores.filter((part) => part.sample === 'image' && part.alternative === null && correctOf(part));
    for (const [key, parts] of group(own, modelKey))
      this.#models.set(key, { ...parts[0]!, correct: new Set(parts.flatMap((part) => correctOf(part)!)) });
  }

  /** Whether a sample belongs to the set, for a question; null where the set has no meaning for it. */
  filter(set: ImageSet, { pairs }: Question): ((id: string) => boolean) | null {
    const { isCorrectness, comparedOn, sample } = pairs[0]!.treated;
    if (set === 'all') return comparedOn === null ? () => true : null;
    if (isCorrectness || sample !== 'image') return null;
    const sides = pairs.flatMap(({ treated, reference }) => [treated, reference]);
    const models =
      set === 'correct-by-all' ? this.#ofArms(sides) : sides.map((side) => this.#models.get(modelKey(side)));
    if (models.length === 0 || models.includes(undefined)) return null;
    return (id) => models.every((model) => model!.correct.has(id));
  }

  /** Every model of the arms that are compared, and the dense ones: arms that are not compared take no image away. */
  #ofArms(sides: readonly ScoredSamples[]) {
    const arms = new Set(sides.map(({ arm }) => arm));
    return [...this.#models.values()].filter(({ arm, level }) => level === 0 || arms.has(arm));
  }
}

/** Ids of the images that the model is known to get right; null where the score does not say. */
function correctOf({ isCorrectness, comparedOn, ids, values }: ScoredSamples): readonly string[] | null {
  if (isCorrectness) return ids.filter((_, i) => values[i] === 1);
  return comparedOn === 'correct-by-all' ? ids : null;
}

function modelKey({ level, arm, seed, draw }: ScoredSamples): string {
  return JSON.stringify([level, arm, seed, draw]);
}
