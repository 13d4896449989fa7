import { group } from 'd3-array';
import type { Question } from './questions.ts';
import type { ScoredSamples } from './scored-samples.ts';

/** Every set of images that claims may be about. */
export const imageSets = ['all', 'correct-by-all', 'correct-by-model'] as const;

/** Which images a claim is about: part of what the claim says. */
export type ImageSet = (typeof imageSets)[number];

/** Each set in words. */
export const imageSetText: Readonly<Record<ImageSet, string>> = {
  all: 'all images',
  'correct-by-all': 'images that every model of the study classifies correctly',
  'correct-by-model': 'images that the pruned model classifies correctly, in every seed',
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
  filter(set: ImageSet, { seeds }: Question): ((id: string) => boolean) | null {
    if (set === 'all') return () => true;
    const { isCorrectness, sample } = seeds[0]!.treated;
    if (isCorrectness || sample !== 'image') return null;
    const models = set === 'correct-by-all' ? [...this.#byModel.values()] : this.#treated(seeds);
    if (models === null || models.length === 0) return null;
    return (id) => models.every((correct) => correct.has(id));
  }

  #treated(seeds: Question['seeds']): readonly ReadonlySet<string>[] | null {
    const found = seeds.map(({ treated }) => this.#byModel.get(modelKey(treated)));
    return found.every((correct) => correct !== undefined) ? found : null;
  }
}

function modelKey({ level, arm, seed }: ScoredSamples): string {
  return JSON.stringify([level, arm, seed]);
}
