import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { espalier, outsideProject } from './outside-project.ts';

const program = fileURLToPath(new URL('../bin/espalier.js', import.meta.url));

/** A namespace of its own, in which a folder can only be read: also by root, whom permissions do not stop. */
const unshare = process.getuid?.() === 0 ? ['-m'] : ['-rm'];
const mount = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && cd "$1" && shift && exec "$@"';
const missing = canMount() ? undefined : 'no read-only mounts here';

/** Runs the command in a project that can only be read. */
function inReadOnly(project: string, ...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    [...unshare, 'sh', '-c', mount, 'sh', project, process.execPath, program, ...args],
    { encoding: 'utf8' },
  );
  return { code: status, out: stdout, err: stderr };
}

describe.skipIf(missing)(`a study in a folder that can only be read${missing ? ` (${missing})` : ''}`, () => {
  test('is planned, drawn and explained without a word about places', () => {
    const project = outsideProject();
    const planned = inReadOnly(project, 'plan', 'study.json');
    expect([planned.code, planned.err.split('\n').length]).toEqual([0, 2]);
    expect(planned.err).toMatch(
      /^The schema for editors is not kept: .*study\.schema\.json cannot be written \(\w+\)\. Another place: --home <folder>\.\n$/,
    );
    expect(planned.out).toContain('to run');
    for (const args of [['graph', 'study.json'], ['why', 'study.json', 'data'], ['runs'], ['schema', 'study.json']])
      expect({ args, ...inReadOnly(project, ...args) }).toMatchObject({ code: 0, err: '' });
    expect(existsSync(join(project, '.espalier'))).toBe(false);
  });

  test('is run with --home, and again from there', () => {
    const project = outsideProject();
    const home = join(temporaryFolder(), 'home');
    const first = inReadOnly(project, 'run', 'study.json', '--home', home);
    expect(first.err).toBe('');
    expect(first.code).toBe(0);
    expect(first.out).toMatch(
      /^lock {5}\S+study\.lock\.json is not kept: .* What it would say is in \S+lock\.json\.$/m,
    );
    expect(readdirSync(home).sort()).toEqual(['out', 'runs', 'store', 'study.schema.json']);
    const again = inReadOnly(project, 'run', 'study.json', '--home', home);
    expect([again.code, again.out.match(/^cached /gm)?.length]).toEqual([0, 6]);
    const runs = inReadOnly(project, 'runs', '--in', home);
    expect(runs.out.trim().split('\n')).toHaveLength(2);
  });

  test('is not run without, and the way out is told', () => {
    const project = outsideProject();
    const place = join(realpathSync(project), '.espalier/runs');
    const elsewhere = temporaryFolder();
    const { code, err } = inReadOnly(
      project,
      'run',
      'study.json',
      '--store',
      join(elsewhere, 's'),
      '--out',
      join(elsewhere, 'o'),
    );
    expect(code).toBe(1);
    expect(err.split('\n').slice(1)).toEqual([
      `error [files/unreadable]: A run keeps its record in ${place}, which cannot be written to. ` +
        'Change its permissions, or name another place for all that it keeps: --home <folder>.',
      '',
    ]);
  });
});

test('a file where .espalier should be is named, and another home takes it out of the way', async () => {
  const project = outsideProject();
  writeFileSync(join(project, '.espalier'), '');
  const study = join(project, 'study.json');
  const planned = await espalier(project, 'plan', study);
  expect(planned.code).toBe(1);
  expect(planned.out + planned.err).toContain('/.espalier/store, which leads through something that is no folder.');
  const { code, err } = await espalier(project, 'run', study);
  expect(code).toBe(1);
  expect(err).toContain('A run keeps its record in <project>/.espalier/runs, which cannot be written to.');
  for (const command of ['plan', 'run'])
    expect((await espalier(project, command, study, '--home', join(project, 'elsewhere'))).code).toBe(0);
});

test('graph and why write nothing', async () => {
  const project = outsideProject();
  const study = join(project, 'study.json');
  for (const args of [
    ['graph', study],
    ['why', study, 'data'],
    ['runs', '--in', project],
  ])
    expect((await espalier(project, ...args)).code).toBe(0);
  expect(existsSync(join(project, '.espalier'))).toBe(false);
});

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-mount-'));
  const { status } = spawnSync('unshare', [...unshare, 'sh', '-c', mount, 'sh', folder, 'true']);
  rmSync(folder, { recursive: true });
  return status === 0;
}
