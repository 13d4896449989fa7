import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugins } from '@espalier/core';

const packages = resolve(import.meta.dirname, '../../../packages');

/** The plugin packages of the repository, by what their package.json says. */
export async function allPlugins(): Promise<readonly { readonly name: string; readonly plugins: Plugins }[]> {
  const names = readdirSync(packages).flatMap((folder) => {
    const manifest = resolve(packages, folder, 'package.json');
    if (!existsSync(manifest)) return []; // what a build has left of a package that is gone
    const { name, keywords } = JSON.parse(readFileSync(manifest, 'utf8'));
    return keywords?.includes('espalier-plugin') ? [String(name)] : [];
  });
  const modules = await Promise.all(names.map(async (name) => ({ name, ...(await import(name)) })));
  return modules.filter(({ plugins }) => plugins !== undefined);
}
