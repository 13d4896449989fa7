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
