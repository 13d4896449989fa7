import { dirname, join, resolve } from 'node:path';
import { writeDurably } from '@espalier/store';
import { type ComparedRun, fileNameFor, findCompared } from '../../runs/compared-run.ts';
import { comparisonJson } from '../compare/as-json.ts';
import { comparisonOf } from '../compare/comparison.ts';
import { comparisonPage } from '../compare/page.ts';
import { summaryLines } from '../compare/summary.ts';
import type { Output } from './output.ts';

export interface CompareFlags {
  /** Print the comparison as JSON; a page is only written where `out` says so. */
  readonly json: boolean;
  readonly out?: string;
  /** Which report of runs that have several. */
  readonly report?: string;
}

/** Puts two runs on one page, and what differs on the terminal. It is no failure that they differ. */
export async function compareCommand(
  [first, second]: readonly [string, string],
  runsFolder: string,
  { json, out, report }: CompareFlags,
  output: Output,
): Promise<number> {
  const lookUp = { runsFolder, report };
  const [a, b] = [await findCompared(first, lookUp), await findCompared(second, lookUp)];
  const comparison = comparisonOf(a, b);
  const page =
    out === undefined
      ? join(homeOf([a, b], runsFolder), 'comparisons', `${fileNameFor(a)}--${fileNameFor(b)}.html`)
      : resolve(out);
  if (!json || out !== undefined) await writeDurably(page, Buffer.from(comparisonPage(comparison)));
  if (json) output.writeJson(comparisonJson(comparison), 2);
  else output.write(`${[...summaryLines(comparison), '', `wrote    ${page}`].join('\n')}\n`);
  return 0;
}

/** Where the first of them that has a record keeps it, else where runs are looked for. */
function homeOf(sides: readonly ComparedRun[], runsFolder: string): string {
  const run = sides.map((side) => side.run).find((found) => found !== null);
  return dirname(run ? dirname(run.folder) : runsFolder);
}
