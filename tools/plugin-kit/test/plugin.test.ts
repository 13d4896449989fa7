import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { expect, test } from 'vitest';
import plugin from '../src/plugin.ts';

function tree() {
  const empty = createTreeWithEmptyWorkspace();
  empty.write('packages/core/package.json', JSON.stringify({ version: '1.2.3', dependencies: { zod: '4.0.0' } }));
  for (const config of ['tsconfig.json', 'tsconfig.test.json'])
    empty.write(config, JSON.stringify({ references: [{ path: 'packages/core' }] }));
  return empty;
}

test.each(['pruner', 'explainer'] as const)('a new %s is a whole package, pinned to this core', async (kind) => {
  const files = tree();
  await plugin(files, { name: 'two-words', kind });
  const folder = `packages/${kind}-two-words`;
  expect(files.children(folder).sort()).toEqual(['README.md', 'package.json', 'src', 'test', 'tsconfig.json']);
  const manifest = JSON.parse(files.read(`${folder}/package.json`, 'utf8')!);
  expect(manifest.name).toBe(`@espalier/${kind}-two-words`);
  expect(manifest.dependencies).toEqual({ '@espalier/core': '1.2.3', zod: '4.0.0' });
  expect(files.read(`${folder}/src/two-words.ts`, 'utf8')).toContain('export const twoWords = definePlugin({');
  expect(JSON.parse(files.read('tsconfig.json', 'utf8')!).references).toContainEqual({ path: folder });
  expect(files.read(`${folder}/test/two-words.test.ts`, 'utf8')).toContain("from '../src/two-words.ts';");
  const laws = kind === 'pruner' ? 'describeLabels, describePruner' : 'describeExplainer, describeLabels';
  expect(files.read(`${folder}/test/two-words.test.ts`, 'utf8')).toContain(
    `import { ${laws} } from '@espalier/core/testing';`,
  );
});

test('a stochastic explainer draws by sample id from the paired seed; a stochastic pruner is refused', async () => {
  const files = tree();
  await plugin(files, { name: 'smooth', kind: 'explainer', stochastic: true });
  const source = files.read('packages/explainer-smooth/src/smooth.ts', 'utf8');
  expect(source).toContain("usesSeed: 'paired',");
  expect(source).toContain("sampleStreams(pairedSeed, ids, classIndex.length, 'smooth')");
  await expect(plugin(files, { name: 'random', kind: 'pruner', stochastic: true })).rejects.toThrow(
    '--stochastic is of explainers; found --kind=pruner.',
  );
});

test('a package that is already there is not overwritten', async () => {
  const files = tree();
  await plugin(files, { name: 'wanda', kind: 'pruner' });
  await expect(plugin(files, { name: 'wanda', kind: 'pruner' })).rejects.toThrow(
    /packages\/pruner-wanda is already there/,
  );
});
