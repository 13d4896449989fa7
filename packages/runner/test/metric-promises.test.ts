import { apiVersion, defineMetric, type Measurement } from '@espalier/core';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { plugins } from './toy-plugins.ts';
import { runToy, smallStudy } from './toy-study.ts';

const sound: Measurement = {
  metric: 'beauty',
  words: { name: 'Beauty', meaning: 'How beautiful an image is.' },
  aspect: 'looks',
  role: 'primary',
  direction: 'higher-is-better',
  range: [0, 1],
  sample: 'image',
  ids: [],
  values: [],
  summary: 'mean',
};

/** The reasons of a run with a metric that measures 0.5 of every image it was given, and returns `broken` of that. */
async function reasonsOf(
  broken: (scores: Measurement) => unknown,
  input: 'images' | 'attributions' = 'attributions',
): Promise<{ status: string; reasons: readonly string[] }> {
  const bad = defineMetric({
    name: 'bad',
    cacheVersion: '1',
    source: { title: 'bad', url: 'https://example.org', departures: [] },
    inputs: [input],
    options: z.strictObject({}),
    create: () => ({
      async measure(inputs) {
        const { ids } = inputs[input]!;
        return broken({ ...sound, ids, values: ids.map(() => 0.5) }) as readonly Measurement[]; // as plain JavaScript would
      },
    }),
  });
  const study = smallStudy((changed) => {
    const from = input === 'images' ? 'data.eval' : 'attr.attributions';
    Object.assign(changed.nodes as object, { mass: { use: 'toy/bad', in: { [input]: { $from: from } } } });
  });
  const packages = new Map([['toy-plugins', { apiVersion, plugins: [...plugins, bad] }]]);
  const { status, failures } = await runToy(temporaryFolder(), study, { packages });
  return {
    status,
    reasons: [...failures.values()].flatMap((failure) =>
      'because' in failure ? [] : [`[${failure.code}] ${failure.text}`],
    ),
  };
}

const broken: readonly (readonly [title: string, change: (scores: Measurement) => unknown, found: string])[] = [
  ['no aspect', ({ aspect: _, ...scores }) => [scores], '"aspect" to be a text'],
  ['no words', ({ words: _, ...scores }) => [scores], '"words.name" to be a text'],
  ['an unknown direction', (scores) => [{ ...scores, direction: 'up' }], 'found "up"'],
  ['a value outside of its range', (scores) => [{ ...scores, values: scores.ids.map(() => 7) }], 'found 7 for'],
  ['a value that is no number', (scores) => [{ ...scores, values: scores.ids.map(() => Number.NaN) }], 'found NaN'],
  ['two scores of one name', (scores) => [scores, scores], 'every one of "metric" once; found "beauty" twice'],
  [
    'too few images',
    ({ ids, ...scores }) => [{ ...scores, ids: ids.slice(1), values: ids.slice(1).map(() => 0) }],
    'found none for',
  ],
  [
    'images that it was not given',
    ({ ids, ...scores }) => [{ ...scores, ids: ids.map((id) => `${id}x`) }],
    'ids of the images it was given',
  ],
  ['no list', (scores) => scores, 'a list with at least one score'],
  ['nothing', () => undefined, 'found undefined'],
];

test.each(broken)('a metric that returns %s fails, by name', async (_, change, found) => {
  const { status, reasons } = await reasonsOf(change);
  expect(status).toBe('failed');
  const [reason] = reasons.filter((text) => text.includes('toy/bad'));
  expect(reason).toMatch(/^\[core\/plugin-invalid\] toy\/bad does not keep the promises of its port/);
  expect(reason).toContain(found);
});

test('a metric of images alone is held to the images that it was given', async () => {
  expect(await reasonsOf((scores) => [scores], 'images')).toEqual({ status: 'ok', reasons: [] });
  const { reasons } = await reasonsOf(
    ({ ids, ...scores }) => [{ ...scores, ids: ids.slice(1), values: ids.slice(1).map(() => 0) }],
    'images',
  );
  expect(reasons.join('\n')).toContain('toy/bad does not keep the promises of its port');
});

test('a metric that keeps its promises runs', async () => {
  expect(await reasonsOf((scores) => [scores])).toEqual({ status: 'ok', reasons: [] });
});
