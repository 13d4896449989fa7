import { apiVersion, type ConceptExtractor, definePlugin, ndArray } from '@espalier/core';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { plugins } from './toy-plugins.ts';
import { runToy, smallStudy } from './toy-study.ts';

const [source, options] = [{ title: 'toy', url: 'https://example.org', departures: [] }, z.strictObject({})];

const explainer = definePlugin({
  ...{ kind: 'explainer', name: 'telling', title: 'Telling', cacheVersion: '1', source, options },
  create: () => ({
    reduction: 'sum-abs',
    async explain(_model, images, _classIndex, told) {
      told?.(0.25);
      told?.(images.shape[0]!);
      return { values: ndArray('n h w c', images.shape), diagnostics: {} };
    },
  }),
});

const concepts = definePlugin({
  ...{ kind: 'concepts', name: 'telling-concepts', title: 'Telling', cacheVersion: '1', source, options },
  async create(_, services) {
    const silent = plugins.find(({ name }) => name === 'one')!;
    const port = (await silent.create({} as never, services)) as ConceptExtractor; // its kind; it has no options
    return {
      async extract(model, images, told) {
        told?.(0.5);
        return port.extract(model, images);
      },
    };
  },
});

test('what an explainer tells within a call, and concepts within a class, is progress of the whole instance', async () => {
  const study = smallStudy((changed) => {
    const use = { in: { model: { $from: 'dense.model' }, images: { $from: 'data.eval' } } };
    const found = { use: 'toy/telling-concepts', ...use };
    changed.nodes = { ...(changed.nodes as object), told: { use: 'toy/telling', ...use }, found };
  });
  const heard = new Map<string, (readonly [number, number, string])[]>();
  await runToy(temporaryFolder(), study, {
    packages: new Map([['toy-plugins', { apiVersion, plugins: [...plugins, explainer, concepts] }]]),
    listener(event) {
      if (event.type !== 'progress') return;
      const { done, total, unit } = event.progress;
      heard.set(event.instance, [...(heard.get(event.instance) ?? []), [done, total, unit]]);
    },
  });
  const [, total = 0] = heard.get('told[seed=0]')?.[0] ?? [];
  expect(total).toBeGreaterThan(0);
  expect(heard.get('told[seed=0]')).toEqual([
    [0.25, total, 'images'],
    [total, total, 'images'],
    [total, total, 'images'],
  ]);
  expect(heard.get('found[seed=0]')?.map(([done]) => done)).toEqual(
    heard.get('found[seed=0]')?.map((_, at) => (at + 1) / 2),
  );
  expect(heard.get('found[seed=0]')?.at(-1)).toEqual([3, 3, 'classes']);
});
