import { definePlugin, type MissingInput, type Origin, type ReportInputs } from '@espalier/core';
import * as z from 'zod';

/**
 * Say in one sentence what my-plugin writes.
 *
 * @example "table": { "use": "mine/my-plugin", "in": { "scores": …, "images": … } }
 */
export const myPlugin = definePlugin({
  kind: 'reporter',
  name: 'my-plugin',
  cacheVersion: '1',
  usesSeed: false,
  source: { title: 'Written for this package', url: 'https://example.org', departures: [] },
  options: z.strictObject({
    decimals: z.int().min(0).max(10).default(3).describe('decimals of each mean'),
  }),
  files: ['my-plugin.md'],
  create: ({ decimals }) => ({
    async write(inputs) {
      const text = [...(await table(inputs, decimals)), '', ...missingLines(inputs.missing), ''].join('\n');
      return new Map([['my-plugin.md', new TextEncoder().encode(text)]]);
    },
  }),
});

/** A line for every score; their order is that of the lines, whatever order the run hands them over in. */
async function table({ scores }: ReportInputs, decimals: number): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { origin, load } of scores)
    for (const { words, values, preset } of await load()) // one at a time: they may be large
      lines.push(row([placeOf(origin), words.name, preset, meanOf(values, decimals)]));
  return [row(['Where', 'Score', 'By', 'Mean']), row(['---', '---', '---', '---:']), ...lines.sort()];
}

function missingLines(missing: readonly MissingInput[]): readonly string[] {
  return missing
    .map(({ origin, failed, text }) => `Missing: ${placeOf(origin)}, since ${failed} failed: ${text}`)
    .sort();
}

function placeOf({ node, labels }: Origin): string {
  return [node, ...Object.entries(labels).map(([axis, label]) => `${axis}=${label}`)].join(' ');
}

/** The mean of some values, as people read it; nothing where there are none. */
export function meanOf(values: readonly number[], decimals: number): string {
  return values.length === 0 ? '' : (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(decimals);
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
