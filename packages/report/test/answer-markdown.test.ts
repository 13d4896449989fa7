import { type ClaimOptions, makeClaims, type ScoredSamples, wordAnswer } from '@espalier/analysis';
import { randomStream } from '@espalier/core';
import { expect, test } from 'vitest';
import { answerMarkdown } from '../src/files/answer-markdown.ts';

const options: ClaimOptions = {
  ...{ treatment: 'magnitude', imageSet: 'all', resamples: 199, seed: 1 },
};

function scored(level: number, changes: Partial<ScoredSamples> = {}): ScoredSamples {
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
    ...{ considered: level, labelHolds: true, isMatched: false, whyEmpty: null, network: null },
    ...{ explainer: null, alternative: null, rest: '', ids: values.map((_, i) => `val/${i}`), values, definitions: [] },
    ...changes,
  };
}

function markdownOf(scores: readonly ScoredSamples[], study = 'study'): string {
  const claims = makeClaims(scores, options);
  return answerMarkdown(study, { answer: wordAnswer(claims, new Map()), claims, gaps: [], caveats: [], notice: null });
}

test('companions have a table of their own, and models that are not what their labels say are told first', () => {
  const study = [0, 0.7].flatMap((level) => [
    scored(level),
    scored(level, { metric: 'beside', role: 'companion', ...(level > 0 && { considered: 0.0002, labelHolds: false }) }),
  ]);
  const text = markdownOf(study);
  expect(text).toContain('## Claims of companions');
  expect(text).toContain('> **Some models are not as sparse as labelled. The sentences give what was counted: 0.02');
});

test('names from outside stay text', () => {
  const text = markdownOf(
    [0, 0.5].map((level) =>
      scored(level, { words: { name: '[x](javascript:1)|<script>', meaning: '' }, explainer: '`*_' }),
    ),
    'a | <b>',
  );
  expect(text).not.toMatch(/<script|<b>|(?<!\\)\|&lt;|(?<!\\)\[x/);
  for (const id of text.matchAll(/\]\(#([^)]*)\)/g)) expect(text).toContain(`<a id="${id[1]}"></a>`);
});
