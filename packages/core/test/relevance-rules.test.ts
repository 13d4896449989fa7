import {
  heldModel,
  type Model,
  needFindings,
  needsOf,
  type Operation,
  type RelevanceRules,
  relevanceRules,
  rulesFor,
} from '@espalier/core';
import { toyModel } from '@espalier/core/testing';
import { expect, test } from 'vitest';

const operations: readonly Operation[] = [
  { name: 'a.conv', kind: 'convolution', readsImages: true },
  { name: 'a.end', kind: 'gelu', readsImages: false },
  { name: 'b.conv', kind: 'convolution', readsImages: false },
];
const slope = { rule: 'gradient' } as const;
const flat = { rule: 'flat', epsilon: 1e-6 } as const;

test('the first entry that an operation fits decides: by kind, by name, by what reads the images', () => {
  const rules: RelevanceRules = {
    start: 'one',
    entries: [
      { names: ['a.*'], kinds: ['gelu'], rule: slope },
      { first: true, rule: flat },
      { names: ['b.conv'], rule: slope },
    ],
  };
  expect([...rulesFor(operations, rules)]).toEqual([
    ['a.conv', flat],
    ['a.end', slope],
    ['b.conv', slope],
  ]);
});

test('a plan tells what no rule is given for, or what a rule is not defined for', () => {
  const found = (rules: RelevanceRules) =>
    needFindings({ rules }, { model: { layers: [], kernels: [], operations } }, 'x/y');
  expect(found({ start: 'one', entries: [{ kinds: ['gelu'], rule: { rule: 'guided' } }] })).toEqual([
    {
      path: [],
      text:
        'Expected a rule for every layer that the logit is handed back through; a rule is missing for "a.conv" (convolution), "b.conv" ' +
        '(convolution), and no such rule is defined: "guided" at "a.end" (gelu). Use a model without such layers, or a method that is ' +
        'defined for them.',
    },
  ]);
  const box = { start: 'logit', entries: [{ rule: { rule: 'z-box', epsilon: 0 } }] } as const;
  expect(found(box)[0]?.text).toContain('"z-box" at "a.end" (gelu), "z-box" at "b.conv" (convolution)');
  expect(found(relevanceRules({ composite: 'epsilon-gamma-box', epsilon: 0, gamma: 0, stabilizer: 0 }))).toEqual([]);
  expect(needFindings({ rules: box }, { model: { layers: [], kernels: [] } }, 'x/y')).toEqual([]);
});

test.each([
  [{ start: 'none', entries: [] }, 'rules.start'],
  [{ start: 'one', entries: [{ kinds: ['pool'], rule: slope }] }, 'rules.entries.kinds'],
  [{ start: 'one', entries: [{ rule: { rule: 'gamma', gamma: 1 } }] }, 'rules.entries.rule.epsilon'],
  [{ start: 'one', entries: [{ rule: { rule: 'deep-lift' } }] }, 'rules.entries.rule'],
])('rules of a plugin are checked: %j', (rules, where) => {
  expect(() => needsOf({ needs: () => ({ rules: rules as RelevanceRules }) }, 'x/y', {})).toThrow(where);
});

test('relevance of a model is checked: its shape, its numbers, that they are finite', async () => {
  const toy = toyModel();
  const rules = relevanceRules({ composite: 'epsilon', epsilon: 0.01, gamma: 0, stabilizer: 1e-6 });
  const images = { axes: 'n h w c', shape: [1, 8, 8, 3], data: new Float32Array(192).fill(0.5) } as const;
  const found = await toy.inputRelevance(images, [1], rules);
  const asked = (change: object) => {
    const model: Model = { ...toy, inputRelevance: async () => ({ ...found, ...change }) };
    return heldModel(model, 'x/y', toy).inputRelevance(images, [1], rules);
  };
  await expect(asked({})).resolves.toEqual(found);
  await expect(asked({ absorbed: [] })).rejects.toThrow('absorbed');
  await expect(asked({ values: { ...found.values, shape: [1, 8, 3, 8] } })).rejects.toThrow('[1, 8, 8, 3]');
  const nowhere = { ...found.values, data: found.values.data.with(0, Number.NaN) };
  await expect(asked({ values: nowhere })).rejects.toThrow('gives the relevance NaN for image 0 of 1');
});
