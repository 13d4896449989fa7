import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFrom, ndArray, plainServices } from '@espalier/core';
import { toyModel } from '@espalier/core/testing';
import { openStudy } from '@espalier/runner';
import { expect, onTestFinished, test } from 'vitest';
import { allPlugins } from './all-plugins.ts';

test('one study may list every plugin package of the repository', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-all-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const modules = await allPlugins();
  const study = {
    ...{ apiVersion: 'study/v1', name: 'all', seed: 1 },
    plugins: Object.fromEntries(modules.map(({ name }) => [name.replace('@espalier/', ''), name])),
    nodes: { data: { use: 'data-planted/planted' } },
  };
  const file = join(folder, 'study.json');
  writeFileSync(file, JSON.stringify(study));
  const packages = new Map<string, unknown>(modules.map(({ name, ...module }) => [name, module]));
  await using opened = await openStudy({ file, packages });
  expect(opened.plan.packages.size).toBe(modules.length);
});

test('explainers tell every number that they have words for', async () => {
  const plugins = (await allPlugins()).flatMap((module) => module.plugins);
  const telling = plugins.filter(({ kind, diagnostics }) => kind === 'explainer' && diagnostics);
  expect(telling.length).toBeGreaterThan(4);
  for (const plugin of telling) {
    const explainer = await createFrom<'explainer', never>(plugin as never, {}, plainServices());
    const images = ndArray('n h w c', [1, 8, 8, 3], new Float32Array(192).fill(0.5));
    const { diagnostics } = await explainer.explain(toyModel(), images, [0], undefined, ['a']);
    expect(Object.keys(diagnostics), plugin.name).toEqual(expect.arrayContaining(Object.keys(plugin.diagnostics!)));
  }
});
