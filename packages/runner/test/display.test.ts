import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { codeAfterTrouble, forgiving } from '../src/command-line/commands/output.ts';
import type { Sink } from '../src/command-line/commands/streams.ts';
import { recordedEvents, recordedRuns } from '../src/runs/recorded-runs.ts';
import { hazardStudy } from './hazard-study.ts';
import { writeStudy } from './toy-study.ts';

const program = fileURLToPath(new URL('../bin/espalier.js', import.meta.url));

/** A study whose instances nap one after another, a second each. */
function napStudy(count = 2): string {
  const folder = temporaryFolder();
  const naps = Array.from({ length: count }, (_, number) => [`nap${number}`, { does: 'nap', number }] as const);
  writeStudy(folder, hazardStudy(folder, Object.fromEntries(naps)));
  return folder;
}

const run = [program, 'run', 'study.json', '--jobs', '1'];

async function lastStatus(folder: string): Promise<string | undefined> {
  const [latest] = await recordedRuns(join(folder, '.espalier/runs'));
  return (await recordedEvents(latest!)).find((event) => event.type === 'run-finished')?.status;
}

function failing(code: string, how: 'thrown' | 'told'): Sink {
  const sink = new EventEmitter();
  const error = Object.assign(new Error(`${code}: write`), { code });
  return Object.assign(sink, {
    write() {
      if (how === 'thrown') throw error;
      process.nextTick(() => sink.emit('error', error));
    },
  });
}

describe.each(['EIO', 'ENOSPC', 'EBADF', 'EAGAIN', 'ENXIO'])('a stream that fails with %s', (code) => {
  test.each(['thrown', 'told'] as const)('ends nothing, and is remembered (%s)', async (how) => {
    const { write, trouble } = forgiving(failing(code, how));
    expect(await trouble()).toBeUndefined();
    for (let line = 0; line < 3; line++) write('a line\n');
    expect(await trouble()).toMatchObject({ code });
  });
});

test('a reader that has seen enough is no trouble', async () => {
  const { write, trouble } = forgiving(failing('EPIPE', 'told'));
  write('a line\n');
  expect(await trouble()).toBeUndefined();
});

test('what is only printed must arrive; what is recorded need not', async () => {
  let err = '';
  const output = {
    isTerminal: false,
    columns: 80,
    write() {},
    writeError: (text: string) => {
      err += text;
    },
    trouble: async () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
  };
  expect(await codeAfterTrouble(0, false, output)).toBe(1);
  expect(await codeAfterTrouble(2, false, output)).toBe(2);
  expect(await codeAfterTrouble(0, true, output)).toBe(0);
  expect(err.split('\n').slice(1)).toEqual([
    'error [runner/output-lost]: What was printed has not all arrived (ENOSPC: no space left on device, write). Print it to a place that has room, and start again.',
    'What was printed has not all arrived (ENOSPC: no space left on device, write). The record of the run has everything: espalier show latest',
    '',
  ]);
});

const full = existsSync('/dev/full') ? undefined : 'no /dev/full here';

describe.skipIf(full)(`output to a full disk${full ? ` (${full})` : ''}`, () => {
  const onFullDisk = (folder: string, args: readonly string[]) => {
    const disk = openSync('/dev/full', 'w');
    const ended = spawnSync(process.execPath, args, { cwd: folder, stdio: ['ignore', disk, 'pipe'], encoding: 'utf8' });
    closeSync(disk);
    return ended;
  };

  test.each([[[]], [['--json']]])('a run goes on to its end, and its record tells of it (%j)', async (more) => {
    const folder = napStudy();
    const { status, stderr } = onFullDisk(folder, [...run, ...more]);
    expect(stderr).toMatch(/^What was printed has not all arrived \(ENOSPC/);
    expect(status).toBe(0);
    expect(await lastStatus(folder)).toBe('ok');
  });

  test('a plan says that it did not arrive', () => {
    const { status, stderr } = onFullDisk(napStudy(), [program, 'plan', 'study.json']);
    expect(stderr).toMatch(/^error \[runner\/output-lost\]: What was printed has not all arrived \(ENOSPC/);
    expect(status).toBe(1);
  });
});

const python = hasPython() ? undefined : 'no python3 here, which opens a terminal';

describe.skipIf(python)(`a terminal that is closed${python ? ` (${python})` : ''}`, () => {
  const closing = (how: string, folder: string): string =>
    execFileSync(
      'python3',
      [join(import.meta.dirname, 'fixtures/terminal.py'), how, 'attempt of 0', process.execPath, ...run],
      { cwd: folder, encoding: 'utf8' },
    ).trim();

  test('does not end a disowned run', async () => {
    const folder = napStudy(3);
    expect(closing('disowned', folder)).toBe('code 0');
    expect(await lastStatus(folder)).toBe('ok');
  });

  test('ends a run in the foreground as Ctrl-C does', async () => {
    const folder = napStudy(3);
    expect(closing('foreground', folder)).toBe('code 130');
    expect(await lastStatus(folder)).toBe('interrupted');
  });
});

test.each([0, 1500])('without a terminal, as under nohup, SIGHUP ends no run (after %i ms)', async (ms) => {
  const folder = napStudy();
  const child = spawn(process.execPath, run, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  await vi.waitFor(() => expect(catchesHangUp(child.pid!)).toBe(true), 10_000);
  setTimeout(() => child.kill('SIGHUP'), ms);
  child.stdout.resume();
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(await lastStatus(folder)).toBe('ok');
});

function catchesHangUp(pid: number): boolean {
  const mask = /^SigCgt:\s+(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '1';
  return (Number.parseInt(mask.slice(-1), 16) & 1) === 1;
}

function hasPython(): boolean {
  return spawnSync('python3', ['-c', 'import pty']).status === 0;
}
