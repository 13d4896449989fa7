import { type ClaimOptions, checksSentence, makeClaims, type ScoredSamples, wordAnswer } from '@espalier/analysis';
import { expect, test } from 'vitest';
import { answerMarkdown } from '../src/files/answer-markdown.ts';
import { scored } from './scored-fixture.ts';

const options: ClaimOptions = {
  ...{ treatment: 'magnitude', control: 'trained-on', endpoints: [], margins: {}, bars: {}, imageSet: 'all' },
  ...{ resamples: 199, seed: 1 },
};

function markdownOf(scores: readonly ScoredSamples[], study = 'study'): string {
  const claims = makeClaims(scores, options);
  const answer = wordAnswer(claims, new Map());
  return answerMarkdown(study, {
    answer,
    claims,
    checked: checksSentence(claims.checks, new Map()),
    judged: [],
    gaps: [],
    caveats: [],
    version: 'Study 0.',
    notice: null,
  });
}

test('models that are not what their labels say are told first, and companions are in the tables alone', () => {
  const study = [0, 0.7].flatMap((level) => [
    scored(level),
    scored(level, { metric: 'beside', role: 'companion', ...(level > 0 && { considered: 0.0002, labelHolds: false }) }),
  ]);
  const text = markdownOf(study);
  expect(text).toContain('> **Some models are not as sparse as labelled. The sentences give what was counted: 0.02');
  expect(text).toContain('Every claim, 2 in all');
  expect(text).not.toContain('beside');
});

test('a study of many measures and failed checks is read within 700 words', () => {
  const checks = Array.from({ length: 3 }, (_, i) =>
    [0, 0.3, 0.5, 0.7].map((level) =>
      scored(level, {
        metric: `check-${i}`,
        role: 'sanity-check',
        bar: -1,
        direction: 'lower-is-better',
        words: { name: `A check with a name, ${i}`, meaning: '' },
      }),
    ),
  );
  const study = Array.from({ length: 60 }, (_, i) =>
    [0, 0.3, 0.5, 0.7].map((level) =>
      scored(level, { metric: `metric-${i}`, words: { name: `A measure with a name, ${i}`, meaning: '' } }),
    ),
  );
  const text = markdownOf([...study, ...checks].flat());
  expect(text.split(/\s+/).length).toBeLessThan(700);
  expect(text).toContain('Sanity checks: 0 of 3 pass');
  expect(text).toContain('46 more endpoints are in `claims.csv`.');
});

test('names from outside stay text', () => {
  const text = markdownOf(
    [0, 0.5].map((level) =>
      scored(level, { words: { name: '[x](javascript:1)|<script>', meaning: '' }, explainer: '`*_' }),
    ),
    'a | <b>',
  );
  expect(text).not.toMatch(/<script|<b>|(?<!\\)\|&lt;|(?<!\\)\[x/);
});
