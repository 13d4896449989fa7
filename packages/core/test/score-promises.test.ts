import { checkScores, type Measurement, ndArray } from '@espalier/core';
import { expect, test } from 'vitest';

const ids = ['a', 'b'];
const sound: Measurement = {
  metric: 'sharpness',
  words: { name: 'Sharpness', meaning: 'How sharp a map is.', unit: 'bits' },
  aspect: 'sparseness',
  role: 'primary',
  direction: 'higher-is-better',
  range: [0, 1],
  sample: 'image',
  ids,
  values: [0, 1],
  definitions: [{ name: 'by another', settings: { by: 'other' }, values: [1, 1] }],
  omitted: [{ reason: 'no region', ids: ['c'] }],
  summary: 'mean',
  curve: { x: 'place', y: 'sharpness', at: [0, 1, 2], values: ndArray('n s', [2, 3]) },
};

const draws = { of: 'networks', values: [sound.values, sound.values] };

const nothing: Measurement = { ...sound, ids: [], values: [], definitions: [], omitted: [{ reason: 'dead', ids }] };
const { curve: _, ...empty } = nothing;

test.each([
  ['all fields', [sound], [...ids, 'c']],
  ['no value, and why', [empty], ids],
  ['a bar, and values by draw', [{ ...sound, role: 'sanity-check', bar: 0.5, draws }], undefined],
  ['values that rounding took past their bound', [{ ...sound, values: [-1e-9, 1 + 1e-9] }], undefined],
])('scores that keep every promise are taken: %s', (_name, scores, images) => {
  checkScores(scores, 'my/metric', images);
});

const broken: readonly (readonly [change: object, found: string])[] = [
  [{ direction: 'up' }, '"direction" to be one of "higher-is-better", "lower-is-better", "neither"; found "up"'],
  [{ aspect: undefined }, '"aspect" to be a text; found undefined'],
  [{ aspect: 'x'.repeat(61) }, '"aspect" to be a few words; found 61 characters'],
  [{ role: undefined }, '"companion"; found undefined'],
  [{ words: undefined }, '"words.name" to be a text; found undefined'],
  [{ words: { name: 'x', meaning: 'm', unit: '' } }, '"words.unit" to be a text; found ""'],
  [{ answers: { classes: [0, 1], probabilities: [1, 1] } }, 'which have "answers"'],
  [{ isCorrectness: true, answers: { classes: [0], probabilities: [1, 1] } }, '"answers.classes"'],
  [{ isCorrectness: true, answers: { classes: [0, 0.5], probabilities: [1, 1] } }, 'whole numbers of classes'],
  [{ isCorrectness: true, answers: { classes: [0, 1], probabilities: [1, 1.5] } }, 'numbers from 0 to 1'],
  [{ isCorrectness: false }, '"isCorrectness" to be one of undefined, true; found false'],
  [{ sharedFits: ['a'] }, 'a name in "sharedFits" for every sample'],
  [{ sharedFits: 'class 1' }, '"sharedFits" to be a list'],
  [{ sharedFits: ['a', ''] }, '"sharedFits"'],
  [{ isFairAtBaseline: false }, '"isFairAtBaseline" to be one of undefined, true; found false'],
  [{ isTiming: false }, '"isTiming" to be one of undefined, true; found false'],
  [{ comparedOn: 'all' }, '"comparedOn" to be one of undefined, "correct-by-all"; found "all"'],
  [{ comparedOn: 'correct-by-all', sample: 'class' }, '"comparedOn" to be one of undefined; found "correct-by-all"'],
  [{ difference: { of: 'beauty', from: 'chance' } }, '"difference.of" to be one of "sharpness"; found "beauty"'],
  [{ difference: { of: 'sharpness' } }, '"difference.from" to be a text'],
  [{ role: 'extra' }, '"companion"; found "extra"'],
  [{ summary: 'median' }, '"summary" to be one of "mean", "last"; found "median"'],
  [{ sample: 'pixel' }, 'found "pixel"'],
  [{ metric: '' }, '"metric" to be a text; found ""'],
  [{ values: [0, 7] }, 'values in the range [0, 1] that it states; found 7 for "b"'],
  [{ values: [0, Number.NaN] }, 'finite numbers in "values"; found NaN at index 1 of 2'],
  [{ values: [0, '1'] }, 'finite numbers in "values"; found "1" at index 1 of 2'],
  [{ values: [0] }, '2 numbers in "values"; found 1'],
  [{ values: 3 }, '"values" to be a list of numbers; found 3'],
  [{ range: [1, 0] }, '"range" to begin below its end; found [1, 0]'],
  [{ range: [0] }, '"range" to be two numbers, null where unbounded; found a list of 1'],
  [{ ids: ['a', 'a'] }, 'every one of "ids" once; found "a" twice'],
  [{ ids: ['a', 2] }, '"ids" to be a list of texts; found 2 at 1'],
  [{ ids: ['a', 'z'] }, 'ids of the images it was given; found "z"'],
  [{ omitted: [] }, 'a value, or a reason in "omitted", for every image it was given; found none for "c"'],
  [{ omitted: [{ reason: 'twice', ids: ['a', 'c'] }] }, 'once; found "a" twice'],
  [{ omitted: [{ reason: '', ids: ['c'] }] }, '"omitted.reason" to be a text'],
  [{ words: { name: 'x', meaning: ' ' } }, '"words.meaning" to be a text; found " "'],
  [{ words: { name: 'x'.repeat(61), meaning: 'm' } }, 'a few words; found 61 characters'],
  [{ curve: { x: 'x', y: 'y', at: [0, 1], values: ndArray('n s', [2, 1]) } }, 'the shape [2, 2]; found [2, 1]'],
  [{ curve: { x: 'x', y: 'y', at: [0], names: [], values: ndArray('n s', [2, 1]) } }, 'a name for every position'],
  [{ curve: { x: ' ', y: 'y', at: [0], values: ndArray('n s', [2, 1]) } }, '"curve.x" to be a text'],
  [{ definitions: [{ settings: { by: 1 }, values: [0, 0] }] }, '"definitions.name" to be a text'],
  [{ bar: 0.5 }, 'which have a "bar", expected "role" to be one of "sanity-check"; found "primary"'],
  [{ bar: 1, role: 'sanity-check' }, '"bar" to be a number within "range"; found 1'],
  [{ bar: Number.NaN, role: 'sanity-check' }, '"bar" to be a number within "range"; found NaN'],
  [{ bar: 0.5, role: 'sanity-check', direction: 'neither' }, '"higher-is-better", "lower-is-better"; found "neither"'],
  [{ draws: [] }, '"draws.of" to be a text'],
  [{ draws: { of: 'networks', values: [] } }, 'a row for every draw in "draws.values"; found none'],
  [{ draws: { of: 'networks', values: [[0]] } }, '2 numbers in "draws.values"; found 1'],
  [
    {
      draws: {
        of: 'networks',
        values: [
          [0, 1],
          [0, 0],
        ],
      },
    },
    'the means of their rows in "draws.values"; found 1 beside 0.5 for "b"',
  ],
  [
    { definitions: [{ name: 'd', settings: {}, values: [0, 0] }] },
    'settings that differ, of every definition; found none',
  ],
  [{ definitions: [{ name: 'd', settings: { by: 1 }, values: [0] }] }, '2 numbers in "definitions.values"; found 1'],
];

test.each(broken)('%j is refused, with the plugin named', (change, found) => {
  const check = () => checkScores([{ ...sound, ...change }], 'my/metric', [...ids, 'c']);
  expect(check).toThrow(found);
  expect(check).toThrow(expect.objectContaining({ code: 'core/plugin-invalid' }));
  expect(check).toThrow(/^my\/metric does not keep the promises of its port/);
});

test('what is no list of scores is refused, and two scores of one name', () => {
  for (const scores of [undefined, [], {}, [null], [3]])
    expect(() => checkScores(scores, 'my/metric')).toThrow('my/metric');
  expect(() => checkScores([sound, sound], 'my/metric')).toThrow('every one of "metric" once; found "sharpness" twice');
  expect(() => checkScores([sound, { ...sound, metric: 'b' }], 'my/metric')).toThrow('"words.name" once');
});

test('no value at all needs a reason', () => {
  expect(() => checkScores([{ ...empty, omitted: [] }], 'my/metric')).toThrow(
    'a reason in "omitted" why there is none',
  );
});
