import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from '../workspace.ts';

/** A study to run: its file below the repository's root, and one of its profiles. */
export interface StudyRun {
  readonly study: string;
  readonly profile: string | undefined;
}

/** Checks `commit` out into the empty folder `copy`, builds it with what is installed here, and runs `body`; then it is gone. */
export function withCommit<T>(commit: string, copy: string, body: () => T): T {
  execFileSync('git', ['worktree', 'add', '--detach', copy, commit], { cwd: root, stdio: 'ignore' });
  try {
    execFileSync('cp', ['-al', join(root, 'node_modules'), join(copy, 'node_modules')]);
    linkPackages(copy);
    build(copy);
    return body();
  } finally {
    execFileSync('git', ['worktree', 'remove', '--force', copy], { cwd: root, stdio: 'ignore' });
  }
}

/** Packages that this version has and that one had not, or the other way round, are found by their names. */
function linkPackages(copy: string): void {
  for (const group of ['packages', 'tools'])
    for (const entry of readdirSync(join(copy, group))) {
      const manifest = join(copy, group, entry, 'package.json');
      if (!existsSync(manifest)) continue;
      const link = join(copy, 'node_modules', JSON.parse(readFileSync(manifest, 'utf8')).name);
      rmSync(link, { recursive: true, force: true });
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(copy, group, entry), link);
    }
}

export function build(folder: string): void {
  execFileSync('npx', ['tsc', '--build'], { cwd: folder, stdio: 'inherit' });
}

/**
 * Runs a study with the code in `folder`, on the engine that is the same everywhere, with a store of its own.
 * @returns the path of the `results.json` of its first report
 */
export function runStudy(folder: string, { study, profile }: StudyRun, home: string): string {
  const flags = [...(profile === undefined ? [] : ['--profile', profile]), '--home', home, '--out', join(home, 'out')];
  execFileSync('npx', ['espalier', 'run', join(folder, study), ...flags], {
    cwd: folder,
    env: { ...process.env, ESPALIER_NATIVE: 'none' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const written = readdirSync(join(home, 'out'), { recursive: true, encoding: 'utf8' }).sort();
  const results = written.find((path) => basename(path) === 'results.json');
  if (results === undefined) throw new Error(`${study} wrote no results.json: it has no report.`);
  return join(home, 'out', results);
}
