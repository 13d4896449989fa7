import { readFileSync } from 'node:fs';
import { apiVersion, definePlugin, type Plugin, plainServices, sampleStreams } from '@espalier/core';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { pluginServices } from '../src/plugins/plugin-services.ts';
import { plugins } from './toy-plugins.ts';
import { nodeOf, runToy, smallStudy } from './toy-study.ts';

/** An explainer whose maps are noise and nothing else. */
function noisy(usesSeed: Plugin['usesSeed']): Plugin {
  const made = definePlugin({
    kind: 'explainer',
    name: 'noisy',
    title: 'Noise',
    cacheVersion: '1',
    source: { title: 'noise', url: 'https://example.org', departures: [] },
    options: z.strictObject({}),
    ...(usesSeed !== undefined && { usesSeed }),
    create: (_options, services) => ({
      preset: 'corrected',
      reduction: 'sum-abs',
      async explain(_model, images, classIndex, _told, ids) {
        const size = images.data.length / classIndex.length;
        const streams = sampleStreams(services.pairedSeed, ids, classIndex.length, 'noise');
        const data = images.data.map((_, i) => streams[Math.floor(i / size)]!.uniform());
        return { values: { ...images, data }, diagnostics: {} };
      },
    }),
  });
  return made as unknown as Plugin; // as a package holds it
}

/** Lines of the report of a study that explains a network in three arms, at two levels and by two names of one package. */
async function linesOf(folder: string, usesSeed: Plugin['usesSeed'], seed = 7): Promise<readonly string[]> {
  const study = smallStudy((changed) => {
    changed.seed = seed;
    changed.plugins = { toy: 'toy-plugins', again: 'toy-plugins' };
    const attr = nodeOf(changed, 'attr');
    attr.matrix = { explainer: ['toy/noisy', 'again/noisy'], arm: ['a', 'b', 'c'] };
    delete nodeOf(changed, 'report').gather;
    Object.assign(changed.nodes as object, {
      asked: {
        use: 'toy/again',
        in: { model: { $from: 'prune.model' }, images: { $from: 'data.eval' }, explainer: { $from: 'attr.explainer' } },
      },
    });
    const inputs = nodeOf(changed, 'report').in as Record<string, unknown>;
    inputs.scores = [{ $from: 'mass.scores' }, { $from: 'asked.scores' }];
  });
  const packages = new Map([['toy-plugins', { apiVersion, plugins: [...plugins, noisy(usesSeed)] }]]);
  const { status, outputs, failures } = await runToy(folder, study, { packages });
  if (status !== 'ok') return [...failures.values()].map((failure) => ('text' in failure ? failure.text : ''));
  return readFileSync(outputs[0]!, 'utf8').split('\n');
}

/** The measured noise of every instance of `mass`, or of `again` where a metric asked the explainer itself. */
const massesIn = (lines: readonly string[], metric = 'mass') =>
  lines
    .flatMap((line) => line.match(/ (mass|again) (\[.*)$/)?.slice(1) ?? [])
    .filter((_, i, all) => all[i - 1] === metric);

test('one image has the same noise in every arm, level and under every alias, also when a metric asks again', async () => {
  const lines = await linesOf(temporaryFolder(), 'paired');
  const masses = massesIn(lines);
  expect(masses).toHaveLength(12); // 3 arms, 2 explainers, 2 levels
  expect(new Set([...masses, ...massesIn(lines, 'again')])).toEqual(new Set([masses[0]]));
  const values: readonly number[] = JSON.parse(masses[0]!);
  expect(new Set(values).size, 'different images have different noise').toBe(values.length);
});

test('another seed of the study is other noise', async () => {
  const folder = temporaryFolder();
  const [one, other] = [massesIn(await linesOf(folder, 'paired')), massesIn(await linesOf(folder, 'paired', 8))];
  expect(other).toHaveLength(12);
  expect(other[0]).not.toBe(one[0]);
});

test('a plugin that does not declare the paired seed is told so, whatever seed it declares', async () => {
  for (const usesSeed of [undefined, false, true] as const) {
    const [text] = await linesOf(temporaryFolder(), usesSeed);
    expect(text).toContain('noisy draws from services.pairedSeed, which its plugin does not declare');
    expect(text).toContain("expected `usesSeed: 'paired'`, found ");
  }
});

test('services are copied without being asked for the paired seed', () => {
  const services = pluginServices(plainServices(), 3, {}, 'my/plugin');
  expect({ ...services }).toMatchObject({ seed: 3 });
  expect(() => services.pairedSeed).toThrow('my/plugin draws from services.pairedSeed');
});
