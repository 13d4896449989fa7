import type { Check } from '@espalier/analysis';
import { expect, test } from 'vitest';
import { checksSection } from '../src/page/sections/checks.ts';

const check = (arm: string | null, level: number, verdict: Check['verdict']): Check => ({
  ...{ metric: 'check', words: { name: 'What is left', meaning: '' }, preset: 'mine', aspect: 'sanity' },
  ...{ direction: 'lower-is-better', explainer: 'edges', rest: '', bar: 0.5, mean: 0.25, interval: [0.2, 0.3] },
  ...{ id: `check-${arm}-${level}`, arm, level, verdict, why: verdict === 'inconclusive' ? 'it may be' : null },
  ...(verdict === 'inconclusive' && { interval: null }),
  estimate: {
    ...{ difference: -0.25, method: 'none', n: 10, units: 10, areGroups: false, seeds: 1, draws: 0 },
    ...{ uncertainty: null, error: null, standardised: null, higher: 0, lower: 1, dominance: -1 },
  },
  judged: { interval: [-0.3, -0.2], adjusted: 0.01, isBound: false, detectable: 0.1, isOpen: true },
  ...{ replicates: 'draws', instances: [] },
});

test('every arm has a row with the dense verdict in it, in words as well as marks, and every check one anchor', () => {
  const checks = [check(null, 0, 'passes'), check('random', 0.5, 'fails'), check('trained-on', 0.5, 'inconclusive')];
  const claims = { claims: [], families: [], checks, resamples: 1, seed: 1 };
  const page = checksSection({ claims, checked: [{ text: 'One sentence.' }], explainers: new Map() })!.text;
  expect(page.match(/<tr/g)).toHaveLength(3);
  expect(page.match(/passes/g)!.length).toBeGreaterThanOrEqual(2);
  for (const { id } of checks) expect(page.split(`id="${id}"`)).toHaveLength(2);
  for (const text of ['fails', 'inconclusive', 'it may be', '0.250 (0.200 to 0.300)', 'below 0.500', 'random'])
    expect(page).toContain(text);
});

test('a study without such checks has no such section', () => {
  const claims = { claims: [], families: [], checks: [], resamples: 1, seed: 1 };
  expect(checksSection({ claims, checked: null, explainers: new Map() })).toBe(null);
});
