import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { hazardStudy } from './hazard-study.ts';
import { childrenOf, goneAfter, isReaper, kill, stateOf } from './processes.ts';
import { writeStudy } from './toy-study.ts';

const program = fileURLToPath(new URL('../bin/espalier.js', import.meta.url));

interface Running {
  readonly pid: number;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly output: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Every process that the plugins have named, and what the runner has started besides. */
  readonly others: () => readonly number[];
}

/** A run in a process group of its own, whose instances are all busy in one long call. */
async function busyRun(does: string, count: number): Promise<Running> {
  const folder = temporaryFolder();
  const hazards = Array.from({ length: count }, (_, number) => [`long${number}`, { does, number }] as const);
  writeStudy(folder, hazardStudy(folder, Object.fromEntries(hazards)));
  const child = spawn(process.execPath, [program, 'run', 'study.json', '--jobs', String(count)], {
    cwd: folder,
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('exit', (code, killedBy) => resolve(killedBy ?? code)),
  );
  const named = (): number[] => [...output.matchAll(/(?:in|began) process (\d+)/g)].map(([, pid]) => Number(pid));
  const pid = child.pid!;
  const all = new Set<number>();
  onTestFinished(() => {
    for (const each of [pid, ...all]) kill(each);
  });
  const others = (): readonly number[] => {
    for (const each of [...named(), ...childrenOf(pid)]) all.add(each);
    return [...all];
  };
  await vi.waitFor(() => expect(named().length).toBe(does === 'brood' ? 2 * count : count), 20_000);
  await pause(300); // in the middle of the call
  others();
  return { pid, ended, output: () => output, signal: (name) => void process.kill(pid, name), others };
}

describe.each(['hog', 'brood'])('workers that are busy (%s) are gone within two seconds', (does) => {
  test('of SIGKILL of the runner', async () => {
    const run = await busyRun(does, 2);
    const pids = run.others();
    expect(pids.length).toBeGreaterThanOrEqual(2);
    const since = performance.now();
    run.signal('SIGKILL');
    expect(await goneAfter(pids, since)).toBeLessThan(2000);
  });

  test('of SIGKILL of the whole group that the runner is in', async () => {
    const run = await busyRun(does, 1);
    const pids = run.others();
    const since = performance.now();
    process.kill(-run.pid, 'SIGKILL');
    expect(await goneAfter(pids, since)).toBeLessThan(2000);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('of a second %s, and before the runner exits', async (name) => {
    const run = await busyRun(does, 2);
    const pids = run.others().filter((pid) => !isReaper(pid));
    run.signal(name);
    await vi.waitFor(() => expect(run.output()).toContain('Stopping'), 2000);
    await pause(500);
    const since = performance.now();
    run.signal(name);
    expect(await run.ended).toBe(130);
    expect(performance.now() - since).toBeLessThan(500);
    expect(await goneAfter(pids, since)).toBeLessThan(500);
  });
});

test('one Ctrl-C that arrives twice, as through npx, is one Ctrl-C', async () => {
  const run = await busyRun('hog', 1);
  run.signal('SIGINT');
  run.signal('SIGTERM');
  await pause(30);
  run.signal('SIGINT');
  expect(await run.ended).toBe(130);
  expect(run.output()).toContain('Go on with:  espalier run study.json');
});

test('a worker that is stopped goes with its runner, too', async () => {
  const run = await busyRun('hog', 2);
  const pids = run.others();
  for (const pid of pids) if (!isReaper(pid)) process.kill(pid, 'SIGSTOP');
  const since = performance.now();
  run.signal('SIGKILL');
  expect(await goneAfter(pids, since)).toBeLessThan(2000);
});

test('they go although the reaper was killed before', async () => {
  const run = await busyRun('hog', 1);
  const first = run.others().find(isReaper);
  expect(first).toBeGreaterThan(0);
  process.kill(first!, 'SIGKILL');
  await vi.waitFor(() => expect(childrenOf(run.pid).some((pid) => pid !== first && isReaper(pid))).toBe(true), 5000);
  const pids = run.others();
  const since = performance.now();
  run.signal('SIGKILL');
  expect(await goneAfter(pids, since)).toBeLessThan(2000);
});

test('what a worker has started goes when the worker ends', async () => {
  const run = await busyRun('brood', 1);
  const pids = run.others().filter((pid) => !isReaper(pid) && pid !== run.pid);
  const [worker] = childrenOf(run.pid).filter((pid) => !isReaper(pid));
  const since = performance.now();
  process.kill(worker!, 'SIGKILL');
  expect(await goneAfter(pids, since)).toBeLessThan(2000);
  expect(await run.ended).toBe(1);
});

test('Ctrl-Z suspends the workers with their runner, and fg lets them go on', async () => {
  const run = await busyRun('hog', 2);
  const pids = run.others().filter((pid) => !isReaper(pid));
  run.signal('SIGTSTP');
  await vi.waitFor(() => expect([run.pid, ...pids].map(stateOf)).toEqual(Array(pids.length + 1).fill('T')), 2000);
  run.signal('SIGCONT');
  await vi.waitFor(() => expect(pids.map(stateOf)).not.toContain('T'), 2000);
});
