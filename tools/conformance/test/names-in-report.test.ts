import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  createFrom,
  kinds,
  type Measurement,
  type Metric,
  type Plugin,
  parseOptions,
  plainServices,
} from '@espalier/core';
import { metricLaws } from '@espalier/core/testing';
import { beforeAll, expect, test } from 'vitest';
import { allPlugins } from './all-plugins.ts';

const sources = ['analysis', 'report'].flatMap((name) => {
  const folder = resolve(import.meta.dirname, '../../../packages', name, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file: `${name}/${file}`, text: readFileSync(resolve(folder, file), 'utf8') }));
});

/** What our plugins are called, their methods and their scores, and what a report calls its axes where a study does not say. */
const known = { names: new Set<string>(), words: new Set<string>(), axes: new Set<unknown>() };

/** The scores of a metric with its default options, of the laws' toy inputs. */
async function scoresOf(plugin: Plugin): Promise<readonly Measurement[]> {
  const metric: Metric = await createFrom(plugin as Plugin<'metric'>, {}, plainServices()); // metrics only are asked
  const found: Measurement[] = [];
  const measure: Metric['measure'] = async (inputs, baseline) => {
    const scores = await metric.measure(inputs, baseline ?? inputs);
    found.push(...scores);
    return scores;
  };
  await metricLaws['gives the same scores every time']!(() => ({ ...metric, measure }));
  return found;
}

beforeAll(async () => {
  const plugins: Plugin[] = (await allPlugins()).flatMap((found) => found.plugins);
  for (const plugin of plugins) {
    if (plugin.kind === 'reporter') {
      for (const value of Object.values(parseOptions(plugin, {}) ?? {})) known.axes.add(value);
    } else if (!(kinds as readonly string[]).includes(plugin.name)) known.names.add(plugin.name); // a port's own word
    if (plugin.title) known.words.add(plugin.title);
    if (plugin.kind !== 'metric') continue;
    for (const { metric, words } of await scoresOf(plugin)) {
      known.names.add(metric);
      known.words.add(words.name);
    }
  }
}, 60_000);

test('scores, methods and datasets of our packages are found', () => {
  expect([...known.names]).toEqual(
    expect.arrayContaining([
      'accuracy',
      'road-aopc',
      'sparseness',
      'concept-coherence',
      'craft',
      'planted',
      'saliency',
    ]),
  );
  expect([...known.words]).toEqual(expect.arrayContaining(['Gini index', 'Integrated Gradients']));
});

test('analysis and report know none of them by name', () => {
  // A study's axis may be called like a metric; a word with a hyphen is no word of a sentence.
  const names = [...known.names].filter((name) => !known.axes.has(name));
  const inText = [...names, ...known.words].filter((name) => /[- ]/.test(name));
  const quoted = (text: string, name: string) => ['"', "'", '`'].some((quote) => text.includes(quote + name + quote));
  const found = sources.flatMap(({ file, text }) => [
    ...names.filter((name) => quoted(text, name)).map((name) => `${file}: ${name}`),
    ...inText.filter((name) => text.includes(name)).map((name) => `${file}: ${name}`),
  ]);
  expect(found).toEqual([]);
});
