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

test('the plan says what the design can detect, by images, endpoints and seeds', () => {
  const found = (options: object, known: object) =>
    report.notes?.(reportOptions.parse(options), { folder: '.', ...known });
  const images = (perClass: number, classes: number) => ({
    ...{ height: 8, width: 8, classes: Array.from({ length: classes }, (_, i) => `class ${i}`) },
    mostPerClass: Array.from({ length: classes }, () => perClass),
  });
  const endpoints = ['accuracy', 'road-aopc'];
  const design = {
    modelAxes: { seed: [0, 1, 2] },
    scoreAxes: { explainer: ['vg', 'ig'] },
    scoredImages: [images(12, 10), images(4, 5)],
  };
  const texts = found({ endpoints }, design)!;
  expect(texts).toHaveLength(2);
  // t with two degrees of freedom at 1.25 % is 8.86: (8.86 + 0.84) / sqrt(3)
  expect(texts[0]).toMatch(
    /^With 120 images of 10 classes and 4 measures of endpoints at most, this design finds four times out of five: differences of [12]\.\d standard deviations between classes; 5\.6 standard deviations between 3 seeds\./,
  );
  expect(texts[1]).toMatch(/^With 20 images of 5 classes .* standard deviations between images; 5\.6/);
  expect(found({ endpoints }, { scoredImages: [images(1, 5)] })![0]).toContain(
    '5 images are too few for an interval; nothing of training anew, with one seed',
  );
  expect(found({}, design)).toEqual([]);
});
