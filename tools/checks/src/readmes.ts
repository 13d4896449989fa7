import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugins } from '@espalier/core';
import { withTables } from './readmes/option-places.ts';
import { optionTable } from './readmes/option-table.ts';
import { recipesOf } from './readmes/param-table.ts';
import { publishedPackages } from './workspace.ts';

// npm run readmes writes the option tables of every plugin into its package's README; with --check it says which are out of date.
const isCheck = process.argv.includes('--check');
const problems: string[] = [];
for (const { name, folder } of publishedPackages()) {
  const plugins = await pluginsOf(folder);
  const recipes = recipesOf(folder);
  if (plugins.length + recipes.length === 0) continue;
  const path = join(folder, 'README.md');
  const readme = existsSync(path) ? readFileSync(path, 'utf8') : '';
  try {
    const described = plugins.map(({ name, options }) => ({
      name,
      table: Object.keys(options.shape).length === 0 ? undefined : optionTable(options),
    }));
    const written = withTables(readme, [...described, ...recipes]);
    if (written !== readme && isCheck) problems.push(`${name}: the README's options are not those of the code`);
    else if (written !== readme) writeFileSync(path, written);
  } catch (error) {
    problems.push(`${name}: ${error instanceof Error ? error.message : error}`);
  }
}
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'readmes: every option table is the code’s' : 'readmes: run npm run readmes');
process.exitCode = problems.length === 0 ? 0 : 1;

async function pluginsOf(folder: string): Promise<Plugins> {
  const entry = join(folder, 'dist/index.js');
  const exported: { plugins?: Plugins } = existsSync(entry) ? await import(pathToFileURL(entry).href) : {};
  return exported.plugins ?? [];
}
