import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Described } from './option-places.ts';
import { markdownTable } from './option-table.ts';

/** What is read of a recipe. */
interface Recipe {
  readonly apiVersion?: unknown;
  readonly params?: Readonly<Record<string, { readonly description: string; readonly default?: unknown }>>;
}

/** The recipes that a package exports, each with a table of its parameters: name, default, meaning. */
export function recipesOf(folder: string): readonly Described[] {
  const manifest: { exports?: Record<string, unknown> } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  return Object.entries(manifest.exports ?? {}).flatMap(([name, target]) => {
    const path = typeof target === 'string' && target.endsWith('.json') ? join(folder, target) : undefined;
    if (path === undefined || !existsSync(path)) return [];
    const recipe: Recipe = JSON.parse(readFileSync(path, 'utf8'));
    return recipe.apiVersion === 'recipe/v1' ? [{ name: name.slice(2), table: paramTable(recipe) }] : [];
  });
}

function paramTable({ params = {} }: Recipe): string {
  const rows = Object.entries(params).map(([name, param]) => [
    `\`${name}\``,
    Object.hasOwn(param, 'default') ? `\`${shown(param.default)}\`` : 'required',
    param.description,
  ]);
  return markdownTable([['Parameter', 'Default', 'Meaning'], ...rows]);
}

const longest = 80;

// What is longer is read in the recipe.
function shown(value: unknown): string {
  const text = JSON.stringify(value);
  if (text.length <= longest) return text;
  const labels = Array.isArray(value)
    ? value.map((item) => item?.label ?? item?.use ?? item)
    : Object.keys(value as object);
  return labels.join(', ');
}
