import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from '@espalier/core';
import { apiVersion } from '@espalier/core';
import { canonicalJson, sha256 } from '@espalier/store';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { planStudy, type RunEvent } from '../src/index.ts';
import { calls, plugins } from './toy-plugins.ts';
import { nodeOf, runToy, toyPackages, toyStudy, writeStudy } from './toy-study.ts';

type Study = Record<string, unknown>;

beforeEach(() => {
  calls.length = 0;
});

function smallStudy(): Study {
  const study = toyStudy();
  Object.assign(study.params as object, { seeds: [0], levels: [0.5] });
  return study;
}

/** Runs a study and says what became of each instance. */
async function outcomes(
  folder: string,
  study: unknown,
  request: Parameters<typeof runToy>[2] = {},
): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  const listener = (event: RunEvent) => {
    if (event.type === 'done' || event.type === 'cached' || event.type === 'failed') seen[event.instance] = event.type;
  };
  await runToy(folder, study, { ...request, listener });
  return seen;
}

function run(seen: Record<string, string>): string[] {
  return Object.keys(seen).filter((id) => seen[id] !== 'cached');
}

test('a second run computes nothing and writes the same', async () => {
  const folder = temporaryFolder();
  const first = await runToy(folder, smallStudy());
  const before = readFileSync(first.outputs[0]!);
  calls.length = 0;
  const second = await runToy(folder, smallStudy());
  expect(calls.filter((call) => call !== 'restore')).toEqual([]);
  expect(readFileSync(second.outputs[0]!)).toEqual(before);
});

test('comments, spaces, order, descriptions and another study name run nothing but the report', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy());
  const { nodes, ...rest } = smallStudy();
  const reordered = {
    ...rest,
    name: 'other',
    description: 'the same',
    nodes: Object.fromEntries(Object.entries(nodes as object).reverse()),
  };
  const text = `// a comment\n${JSON.stringify(reordered)}\n/* another */`;
  expect(run(await outcomes(folder, text))).toEqual(['report']);
});

test('a renamed node and a renamed alias run nothing but the report, which shows names', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy());
  const text = JSON.stringify(smallStudy());
  const renamed = text
    .replaceAll('attr.', 'maps.')
    .replace('"attr":', '"maps":')
    .replaceAll('"toy/', '"play/')
    .replace('"toy":', '"play":');
  expect(run(await outcomes(folder, renamed))).toEqual(['report']);
  expect(readFileSync(join(folder, '.espalier/out/toy/list.txt'), 'utf8')).toContain('by play/gradient');
});

test('an option written as its default is the same option', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy());
  const study = smallStudy();
  Object.assign(nodeOf(study, 'data'), { with: { count: 6, evalPerClass: null } });
  Object.assign(nodeOf(study, 'dense').with as object, { optimizer: { name: 'sgd', momentum: 0.9 } });
  expect(run(await outcomes(folder, study))).toEqual(['report']);
});

test('a changed option runs its node and what depends on it', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy());
  const study = smallStudy();
  Object.assign((nodeOf(study, 'attr').matrix as { explainer: { with: object }[] }).explainer[1]!.with, { steps: 4 });
  const seen = await outcomes(folder, study);
  // Other steps give the same values but other diagnostics, so what uses the maps runs again.
  expect(run(seen)).toEqual([
    'attr[explainer=toy/gradient,seed=0,sparsity=0]',
    'mass[explainer=toy/gradient,seed=0,sparsity=0]',
    'attr[explainer=toy/gradient,seed=0,sparsity=0.5]',
    'mass[explainer=toy/gradient,seed=0,sparsity=0.5]',
    'report',
  ]);
});

test('an input that comes out the same stops the change there', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy());
  const study = smallStudy();
  Object.assign(nodeOf(study, 'data'), { with: { corrupt: null, folder: null, count: 6, seed: 0, evalPerClass: 2 } });
  const seen = await outcomes(folder, study);
  expect(seen['dense[seed=0]']).toBe('cached'); // data ran again, and its training images are those of before
  expect(seen.data).toBe('done');
});

test('another cacheVersion or package version is another result', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy());
  const raised = plugins.map(
    (plugin): Plugin => (plugin.name === 'mass' ? { ...plugin, cacheVersion: '2' } : plugin) as Plugin,
  );
  const seen = await outcomes(folder, smallStudy(), {
    packages: new Map([['toy-plugins', { apiVersion, plugins: raised }]]),
  });
  expect(run(seen).map((id) => id.split('[')[0])).toEqual(['mass', 'mass', 'mass', 'mass', 'report']);
});

test('another cacheVersion of a model is another result for all that computes with it, if its weights are the same', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy());
  const raised = plugins.map(
    (plugin): Plugin => (plugin.name === 'tiny' ? { ...plugin, cacheVersion: '2' } : plugin) as Plugin,
  );
  const seen = await outcomes(folder, smallStudy(), {
    packages: new Map([['toy-plugins', { apiVersion, plugins: raised }]]),
  });
  const again = new Set(run(seen).map((id) => id.split('[')[0]));
  expect([...again]).toEqual(['network', 'dense', 'nonzero', 'attr', 'prune', 'report']); // but no metric of the maps
});

test('another cacheVersion of an explainer is another result for a metric that asks it again', async () => {
  const folder = temporaryFolder();
  await runToy(folder, studyThatAsksAgain());
  const raised = plugins.map(
    (plugin): Plugin => (plugin.name === 'gradient' ? { ...plugin, cacheVersion: '2' } : plugin) as Plugin,
  );
  const packages = new Map([['toy-plugins', { apiVersion, plugins: raised }]]);
  const again = run(await outcomes(folder, studyThatAsksAgain(), { packages }));
  expect(again.filter((id) => id.startsWith('again['))).toEqual([
    'again[explainer=toy/gradient,seed=0,sparsity=0]',
    'again[explainer=toy/gradient,seed=0,sparsity=0.5]',
  ]);
  expect(again.filter((id) => id.startsWith('mass['))).toEqual([]); // the maps came out the same
});

test('another seed is another result, and a new label leaves the others alone', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy());
  const more = smallStudy();
  Object.assign(more.params as object, { seeds: [0, 1] });
  const seen = await outcomes(folder, more);
  expect(run(seen).every((id) => id === 'report' || id.includes('seed=1'))).toBe(true);
  expect(run(seen)).toContain('dense[seed=1]');
  expect(run(await outcomes(folder, { ...smallStudy(), seed: 8 }))).toContain('network[seed=0]');
});

test('a damaged record or blob is found, and computed again', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy());
  const store = join(folder, '.espalier/store');
  const files = readdirSync(store, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  const record = paths.find(
    (path) => path.includes('/keys/') && readFileSync(path, 'utf8').includes('"instance": "dense'),
  )!;
  writeFileSync(record, readFileSync(record, 'utf8').replace('"ms":', '"mss":'));
  expect(run(await outcomes(folder, smallStudy()))).toEqual(['dense[seed=0]']);

  const blob = paths.filter((path) => path.includes('/cas/')).sort((a, b) => statSync(b).size - statSync(a).size)[0]!;
  const bytes = readFileSync(blob);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(blob, bytes);
  const changed = smallStudy();
  Object.assign(nodeOf(changed, 'prune').with as object, { finetune: { epochs: 2, batchSize: 3 } });
  Object.assign(nodeOf(changed, 'data'), { with: { evalPerClass: 1 } });
  await runToy(folder, changed); // whoever reads the damaged blob refuses it and takes it away
  const again = await runToy(folder, changed);
  expect([...again.failures]).toEqual([]);
});

test('plan tells what is there without running anything', async () => {
  const folder = temporaryFolder();
  const file = writeStudy(folder, smallStudy());
  const before = await planStudy({ file, packages: toyPackages });
  expect(before.instances.filter(({ status }) => status === 'run')).toHaveLength(before.instances.length - 1); // the zero
  expect(calls).toEqual([]);
  await runToy(folder, smallStudy());
  const after = await planStudy({ file, packages: toyPackages });
  expect(after.instances.filter(({ status }) => status === 'run')).toEqual([]);
});

function studyThatAsksAgain(): Study {
  const study = smallStudy();
  (study.nodes as Record<string, unknown>).again = {
    use: 'toy/again',
    in: {
      model: { $from: 'prune.model' },
      images: { $from: 'data.eval' },
      explainer: { $from: 'attr.explainer' },
    },
  };
  (nodeOf(study, 'report').in as { scores: unknown[] }).scores.push({ $from: 'again.scores' });
  return study;
}

test('a metric asks the explainer again, also when its maps come from the store', async () => {
  const folder = temporaryFolder();
  const lines = async (study: Study) => {
    const { outputs } = await runToy(folder, study);
    return readFileSync(outputs[0]!, 'utf8').split('\n');
  };
  await runToy(folder, smallStudy());
  const found = await lines(studyThatAsksAgain());
  const again = found.filter((line) => line.includes(' again '));
  expect(again.length).toBe(4);
  for (const line of again) expect(found).toContain(line.replace('again[', 'mass[').replace(' again ', ' mass '));
  expect(calls.filter((call) => call === 'again').length).toBe(4);
  expect(calls.filter((call) => call === 'explain 3').length).toBe(2 + 2);
});

test('a record that lacks an output of its kind, from an older version, is computed again', async () => {
  const folder = temporaryFolder();
  await runToy(folder, smallStudy());
  const keys = join(folder, '.espalier/store/keys');
  const strip = (path: string): void => {
    const { record } = JSON.parse(readFileSync(path, 'utf8'));
    delete record.outputs.explainer;
    writeFileSync(path, JSON.stringify({ checksum: sha256(canonicalJson(record)), record }));
  };
  for (const entry of readdirSync(keys, { recursive: true, encoding: 'utf8' }))
    if (statSync(join(keys, entry)).isFile()) strip(join(keys, entry));
  const seen = run(await outcomes(folder, studyThatAsksAgain()));
  expect(seen.filter((id) => id.startsWith('attr[')).length).toBe(4);
  expect(seen.filter((id) => id.startsWith('mass['))).toEqual([]);
});
