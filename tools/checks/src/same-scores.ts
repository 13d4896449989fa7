import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, runStudy, type StudyRun, withCommit } from './same-scores/run-at.ts';
import { scoreDifferences } from './same-scores/score-differences.ts';
import { root } from './workspace.ts';

const usage = `npm run same-scores -- <before> <after>              two results.json, or folders that hold one
npm run same-scores -- --since <commit> [--study studies/planted.json] [--profile smoke]

Whether a study has the same scores, bit for bit, with two versions of the code: values, curves, models' digests, claims' numbers.
Labels, presets, words and fields that only the later version has are not compared. With --since both versions run it, each with an
empty store; with two files nothing runs. --rename old=new, again and again, for what an instance or a metric was called before.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    since: { type: 'string' },
    study: { type: 'string', default: 'studies/planted.json' },
    profile: { type: 'string' },
    rename: { type: 'string', multiple: true, default: [] },
    most: { type: 'string', default: '20' },
    help: { type: 'boolean', default: false },
  },
});
const [before, after] = positionals;
const renames = values.rename.map((pair) => pair.split('='));
const isRight =
  renames.every(({ length }) => length === 2) && (values.since !== undefined) === (positionals.length === 0);
if (values.help || !isRight || positionals.length === 1) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else if (before !== undefined && after !== undefined) process.exitCode = compare(before, after);
else process.exitCode = compareWith(values.since!, { study: values.study, profile: values.profile });

function compareWith(commit: string, run: StudyRun): number {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'espalier-same-scores-')));
  try {
    const copy = join(folder, 'code');
    const old = withCommit(commit, copy, () => runStudy(copy, run, join(folder, 'before')));
    build(root);
    return compare(old, runStudy(root, run, join(folder, 'after')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compare(before: string, after: string): number {
  const renamed = new Map(renames as [string, string][]); // each has two parts, as checked above
  const [old, now] = [resultsAt(before), resultsAt(after)];
  const differences = scoreDifferences(old, now, renamed);
  for (const { entry, field, before, after } of differences.slice(0, Number(values.most)))
    console.log(`${entry} ${field}: ${JSON.stringify(before)} before, ${JSON.stringify(after)} after`);
  const entries = new Set(differences.map(({ entry }) => entry)).size;
  console.log(
    differences.length === 0
      ? `the same: ${(old.scores as readonly unknown[]).length} scores and what is told of them`
      : `${differences.length} differences in ${entries} entries${differences.length > Number(values.most) ? ' (--most shows more)' : ''}`,
  );
  return differences.length === 0 ? 0 : 1;
}

function resultsAt(path: string): Readonly<Record<string, unknown>> {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'results.json') : path;
  const results: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof results !== 'object' || results === null || !('scores' in results))
    throw new Error(`${file}: expected the results.json of a run, found no scores.`);
  return results as Readonly<Record<string, unknown>>; // an object, as checked above
}
