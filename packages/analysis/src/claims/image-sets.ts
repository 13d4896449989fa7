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
  'correct-by-all': 'images that every model of the study classifies correctly',
  'correct-by-both': 'images that the pruned model and what it is held against classify correctly, in every seed',
};

/** Which images each model gets right. */
export class CorrectImages {
  readonly #byModel = new Map<string, ReadonlySet<string>>();

  constructor(scores: readonly ScoredSamples[]) {
    const own = scores.filter((part) => part.isCorrectness && part.sample === 'image' && part.alternative === null);
    for (const [key, parts] of group(own, modelKey)) {
      const { ids, values } = parts[0]!;
      this.#byModel.set(key, new Set(ids.filter((_, i) => values[i] === 1)));
    }
  }

  /** Whether a sample belongs to the set, for a question; null where the set has no meaning for it. */
  filter(set: ImageSet, { pairs }: Question): ((id: string) => boolean) | null {
    if (set === 'all') return () => true;
    const { isCorrectness, sample } = pairs[0]!.treated;
    if (isCorrectness || sample !== 'image') return null;
    const models = set === 'correct-by-all' ? [...this.#byModel.values()] : this.#ofPairs(pairs);
    if (models === null || models.length === 0) return null;
    return (id) => models.every((correct) => correct.has(id));
  }

  /** Of both: choosing images by one side alone would favour it. */
  #ofPairs(pairs: Question['pairs']): readonly ReadonlySet<string>[] | null {
    const sides = pairs.flatMap(({ treated, reference }) => [treated, reference]);
    const found = sides.map((side) => this.#byModel.get(modelKey(side)));
    return found.every((correct) => correct !== undefined) ? found : null;
  }
}

function modelKey({ level, arm, seed, draw }: ScoredSamples): string {
  return JSON.stringify([level, arm, seed, draw]);
}
