import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const packages = join(import.meta.dirname, '../../../packages');
const loaded = ['layer:plugin', 'layer:protocol', 'layer:store', 'layer:executor'];

const found = readdirSync(packages, { recursive: false, encoding: 'utf8' }).flatMap((folder) => {
  try {
    const manifest = JSON.parse(readFileSync(join(packages, folder, 'package.json'), 'utf8'));
    return loaded.includes(manifest.nx?.tags?.[0]) ? [{ folder, manifest }] : [];
  } catch {
    return []; // what is built of a package that is gone may lie about
  }
});

test.each(found)('$folder says which contract it was written for, and core is its peer', ({ folder, manifest }) => {
  const index = readFileSync(join(packages, folder, 'src/index.ts'), 'utf8');
  expect(index).toMatch(/^export const apiVersion = 'plugin\/v1';$/m);
  expect(manifest.peerDependencies?.['@espalier/core']).toBe('^0.1.0');
  expect(manifest.dependencies ?? {}).not.toHaveProperty('@espalier/core');
});
