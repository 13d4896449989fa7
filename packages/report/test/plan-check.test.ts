import { expect, test } from 'vitest';
import { report, reportOptions } from '../src/index.ts';

test('a class that the images do not have is found by the plan, where the classes are known', () => {
  const options = reportOptions.parse({ classes: ['dog', 'chruch'] });
  const images = { height: 8, width: 8, classes: ['church', 'dog'] };
  expect(report.check?.(options, { folder: '.', images })).toEqual([
    { path: ['classes', 1], text: 'Expected a class of the images, one of "church", "dog"; found "chruch".' },
  ]);
  expect(report.check?.(options, { folder: '.' })).toEqual([]);
  expect(report.check?.(reportOptions.parse({}), { folder: '.', images })).toEqual([]);
});

test('an axis of the models that no claim compares is noted by the plan, with how to compare its labels', () => {
  const notes = (options: object, modelAxes: Readonly<Record<string, readonly (string | number)[]>>) =>
    report.notes?.(reportOptions.parse(options), { folder: '.', modelAxes });
  const axes = {
    seed: [0, 1],
    sparsity: [0, 0.5],
    arm: ['magnitude', 'random'],
    scope: ['layerwise', 'global'],
    one: ['a'],
  };
  expect(notes({ treatment: 'magnitude' }, axes)).toEqual([
    'Models also differ on the axis “scope” (global, layerwise), which no claim compares. To compare its labels, give the report ' +
      'the options "armAxis": "scope" and "treatment": "global".',
  ]);
  const scopes = { seed: [0, 1], scope: ['layerwise', 'global'] };
  expect(notes({ armAxis: 'scope', treatment: 'global' }, scopes)).toEqual([]);
  expect(notes({ armAxis: 'scope', treatment: 'globl' }, scopes)).toEqual([
    'Models also differ on the axis “scope” (global, layerwise), which no claim compares. To compare its labels, give the report ' +
      'the option "treatment": "global".',
  ]);
});
