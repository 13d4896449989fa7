import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { packageKinds } from 'create-espalier';
import { expect, test } from 'vitest';
import plugin from '../src/plugin.ts';

function tree() {
  const empty = createTreeWithEmptyWorkspace();
  empty.write('LICENSE', 'Apache');
  for (const name of ['core', 'nn', 'engine', 'runner', 'store'])
    empty.write(`packages/${name}/package.json`, JSON.stringify({ version: '1.2.3', dependencies: { zod: '4.0.0' } }));
  for (const config of ['tsconfig.json', 'tsconfig.test.json'])
    empty.write(config, JSON.stringify({ references: [{ path: 'packages/core' }] }));
  return empty;
}

const allKinds = Object.keys(packageKinds) as (keyof typeof packageKinds)[]; // the record's own keys

test.each(allKinds)('a new %s is a whole package, whose peer this core is', async (kind) => {
  const files = tree();
  await plugin(files, { name: 'two-words', kind });
  const folder = `packages/${packageKinds[kind].prefix}-two-words`;
  expect(files.children(folder).sort()).toEqual([
    'LICENSE',
    'README.md',
    'package.json',
    'src',
    'test',
    'tsconfig.json',
  ]);
  const manifest = JSON.parse(files.read(`${folder}/package.json`, 'utf8')!);
  expect(manifest.name).toBe(folder.replace('packages', '@espalier'));
  const port = kind === 'executor' ? '@espalier/runner' : '@espalier/core';
  expect([manifest.peerDependencies[port], manifest.devDependencies[port]]).toEqual(['^1.2.3', '1.2.3']);
  expect(JSON.parse(files.read('tsconfig.json', 'utf8')!).references).toContainEqual({ path: folder });
  expect(files.read(`${folder}/test/two-words.test.ts`, 'utf8')).toContain("from '../src/two-words.ts';");
  expect(files.read(`${folder}/README.md`, 'utf8')).toContain(`# ${manifest.name}`);
});

test('a stochastic explainer draws by sample id from the paired seed; a stochastic pruner is refused', async () => {
  const files = tree();
  await plugin(files, { name: 'smooth', kind: 'explainer', stochastic: true });
  const source = files.read('packages/explainer-smooth/src/smooth.ts', 'utf8');
  expect(source).toContain("usesSeed: 'paired',");
  expect(source).toContain("sampleStreams(pairedSeed, ids, classIndex.length, 'smooth')");
  await expect(plugin(files, { name: 'random', kind: 'pruner', stochastic: true })).rejects.toThrow(
    '--stochastic is of explainers; found --kind pruner.',
  );
});

test('a package that is already there is not overwritten', async () => {
  const files = tree();
  await plugin(files, { name: 'wanda', kind: 'pruner' });
  await expect(plugin(files, { name: 'wanda', kind: 'pruner' })).rejects.toThrow(
    /packages\/pruner-wanda is already there/,
  );
});
