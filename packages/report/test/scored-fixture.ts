import type { ScoredSamples } from '@espalier/analysis';
import { randomStream } from '@espalier/core';

/** Scores of 20 images of one model at a level. */
export function scored(level: number, changes: Partial<ScoredSamples> = {}): ScoredSamples {
  const stream = randomStream(1, level);
  const values = Array.from({ length: 20 }, () => level + 0.1 * stream.normal());
  return {
    ...{
      instance: `m[${level}]`,
      node: 'm',
      metric: 'm',
      words: { name: 'm', meaning: 'A measure.' },
      preset: 'corrected',
      aspect: 'other',
    },
    ...{
      role: 'primary',
      isCorrectness: false,
      direction: 'higher-is-better',
      sample: 'image',
      settings: {},
      level,
      arm: null,
      seed: 0,
    },
    ...{ considered: level, labelHolds: true, isMatched: false, sharedFits: null, whyEmpty: null, network: null },
    ...{ draw: null, isBaseline: false, margin: null, bar: null, comparedOn: null },
    ...{
      explainer: null,
      alternative: null,
      rest: '',
      ids: values.map((_, i) => `val/${i}`),
      values,
      byDraw: [],
      definitions: [],
    },
    ...changes,
  };
}
