import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StudyError } from '@espalier/core';
import { describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { main } from '../src/command-line/cli.ts';
import {
  type Executor,
  type RunEvent,
  type RunRequest,
  type RunResult,
  runStudy,
  type Task,
  tokens,
} from '../src/index.ts';
import { type Hazard, hazardStudy } from './hazard-study.ts';
import { goneAfter } from './processes.ts';
import { writeStudy } from './toy-study.ts';

interface Told {
  readonly result: RunResult;
  readonly events: readonly RunEvent[];
  readonly of: <Type extends RunEvent['type']>(type: Type) => Extract<RunEvent, { type: Type }>[];
}

/** Runs a study in worker processes. */
async function run(folder: string, study: object, request: Partial<RunRequest> = {}): Promise<Told> {
  const events: RunEvent[] = [];
  const listener = (event: RunEvent) => {
    events.push(event);
    request.listener?.(event);
  };
  const result = await runStudy({ file: writeStudy(folder, study), jobs: 2, ...request, listener });
  const of = <Type extends RunEvent['type']>(type: Type) =>
    events.filter((event): event is Extract<RunEvent, { type: Type }> => event.type === type);
  return { result, events, of };
}

async function failureOf(hazard: Hazard, node: object = {}): Promise<unknown> {
  const folder = temporaryFolder();
  const { result } = await run(folder, hazardStudy(folder, { bad: hazard, good: { does: 'nothing' } }, { bad: node }));
  expect([...result.failures.keys()]).toEqual(['bad']); // its sibling went on
  expect(result.status).toBe('failed');
  return result.failures.get('bad');
}

describe('one instance fails, with its reason, when its process', () => {
  test('exits', async () => {
    expect(await failureOf({ does: 'exit' })).toEqual({
      code: 'runner/worker-lost',
      text: 'Its process ended with the exit code 3 before there was a result. It printed nothing.',
    });
  });

  test('crashes', async () => {
    expect(await failureOf({ does: 'crash' })).toEqual({
      code: 'runner/worker-lost',
      text: 'Its process was ended by SIGSEGV before there was a result. The last that it printed:\nabout to crash',
    });
  });

  test('takes more memory than it was given', async () => {
    expect(await failureOf({ does: 'grow' }, { resources: { memory: '300MiB' } })).toEqual({
      code: 'runner/out-of-memory',
      text: expect.stringMatching(
        /^It took \d+ MiB of memory, more than the 300 MiB that "resources" gives it, and was stopped\. Raise "memory", or make its work smaller \(fewer images, a smaller batch\)\.$/,
      ),
    });
  });

  test.each(['wait', 'block'])('takes longer than it may (%s)', async (does) => {
    expect(await failureOf({ does }, { timeout: '500ms' })).toEqual({
      code: 'runner/timed-out',
      text: 'It took longer than its "timeout" of 500ms and was stopped. Raise "timeout", or make its work smaller.',
    });
  });

  test('meets a defect', async () => {
    expect(await failureOf({ does: 'defect' })).toMatchObject({
      code: 'runner/defect',
      text: 'TypeError: x is not a function\nThis is a defect of Espalier or of a plugin. --debug shows where it comes from.',
      stack: expect.stringContaining('TypeError: x is not a function\n    at Object.defect'),
    });
  });
});

describe('another attempt', () => {
  test.each([
    ['vanish', 'runner/worker-lost'],
    ['refuse', 'hazards/busy'],
  ])('gets around what passes (%s)', async (does, code) => {
    const folder = temporaryFolder();
    const retry = { max: 3, backoff: '100ms' };
    const { result, of } = await run(folder, hazardStudy(folder, { bad: { does, times: 2 } }, { bad: { retry } }));
    expect(result.status).toBe('ok');
    expect(of('retried').map((event) => [event.code, event.attempt, event.waitMs])).toEqual([
      [code, 2, 100],
      [code, 3, 200],
    ]);
    expect(of('started').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  test('is not made more often than declared, nor for what is not declared', async () => {
    const folder = temporaryFolder();
    const bad = { does: 'refuse' };
    const study = hazardStudy(
      folder,
      { twice: bad, never: bad, defect: { does: 'defect' } },
      { twice: { retry: { max: 1, backoff: '10ms' } }, never: { retry: { max: 9, on: ['oom'] } } },
      { retry: { max: 5 } },
    );
    const { result, of } = await run(folder, study);
    expect(of('retried').map(({ instance }) => instance)).toEqual(['twice']);
    expect(result.failures.get('twice')).toEqual({
      code: 'hazards/busy',
      transient: true,
      text: 'The server is busy. Try again later. It was tried 2 times.',
    });
    expect(result.failures.get('never')).toEqual({
      code: 'hazards/busy',
      transient: true,
      text: 'The server is busy. Try again later.',
    });
  });

  test('after one that was out of memory gets more of it', async () => {
    const folder = temporaryFolder();
    const more = { bad: { resources: { memory: '400MiB' }, retry: { max: 1, backoff: '10ms', on: ['oom'] } } };
    const { result, of } = await run(folder, hazardStudy(folder, { bad: { does: 'grow' } }, more));
    expect(result.status).toBe('ok');
    expect(of('retried').map(({ code }) => code)).toEqual(['runner/out-of-memory']);
  });
});

test('two run at once, in two processes, which are used again', async () => {
  const folder = temporaryFolder();
  const names = [0, 1, 2, 3].map((number) => [`nap${number}`, { does: 'nap', number }] as const);
  const { events, of } = await run(folder, hazardStudy(folder, Object.fromEntries(names)));
  expect(new Set(of('started').map(({ pid }) => pid)).size).toBe(2);
  expect(of('started').map(({ pid }) => pid)).not.toContain(process.pid);
  const firstDone = events.findIndex(({ type }) => type === 'done');
  expect(events.slice(0, firstDone).filter(({ type }) => type === 'started')).toHaveLength(2);
  expect(of('log').some(({ line }) => line.startsWith('attempt of 0 in process'))).toBe(true);
  expect(of('progress')).toContainEqual(
    expect.objectContaining({ instance: 'nap0', progress: { done: 1, total: 2, unit: 'steps' } }),
  );
});

test('what wants more cores than are left waits for them', async () => {
  const folder = temporaryFolder();
  const naps = { a: { does: 'nap', number: 0 }, b: { does: 'nap', number: 1 } };
  const all = { resources: { cores: 4096 } };
  const { of } = await run(folder, hazardStudy(folder, naps, { a: all, b: all }));
  const pids = of('started').map(({ pid }) => pid);
  expect(pids[1]).toBe(pids[0]); // nothing ran beside it, so one process did both
});

test.each(['wait', 'block'])('an interruption ends everything within two seconds (%s)', async (does) => {
  const folder = temporaryFolder();
  const stop = new AbortController();
  let at = 0;
  const listener = (event: RunEvent) => {
    if (event.type !== 'started') return;
    at = performance.now();
    stop.abort();
  };
  const { result } = await run(folder, hazardStudy(folder, { long: { does } }), { signal: stop.signal, listener });
  expect(performance.now() - at).toBeLessThan(2000);
  expect(result.status).toBe('interrupted');
  expect([...result.failures]).toEqual([]);
});

test('how instances run changes no key', async () => {
  const folder = temporaryFolder();
  const plain = hazardStudy(folder, { data: { does: 'nothing' } });
  await run(folder, plain);
  const more = { data: { timeout: '6h', retry: { max: 9 }, resources: { cores: 2, memory: '1GiB', gpus: 1 } } };
  const { of } = await run(folder, hazardStudy(folder, { data: { does: 'nothing' } }, more, { timeout: '1d' }));
  expect(of('cached').map(({ instance }) => instance)).toEqual(['data']);
});

test('two runs on one store, started together, compute each instance once', async () => {
  const folder = temporaryFolder();
  const names = [0, 1, 2, 3].map((number) => [`nap${number}`, { does: 'nap', number }] as const);
  const study = hazardStudy(folder, Object.fromEntries(names));
  const both = await Promise.all(
    ['a', 'b'].map((name) => {
      mkdirSync(join(folder, name));
      symlinkSync(join(folder, 'hazards'), join(folder, name, 'hazards'));
      return run(join(folder, name), study, { store: join(folder, 'store') });
    }),
  );
  const done = both.flatMap(({ of }) => of('done').map(({ instance }) => instance));
  expect(done.sort()).toEqual(['nap0', 'nap1', 'nap2', 'nap3']);
  expect(both.map(({ result }) => result.status)).toEqual(['ok', 'ok']);
  expect(both.flatMap(({ of }) => of('waiting')).length).toBeGreaterThan(0);
});

describe('exec-node runs one instance for a scheduler', () => {
  /** The tasks of a study, as its executor got them; none is run. */
  async function tasksOf(folder: string, study: object): Promise<Task[]> {
    const tasks: Task[] = [];
    const executor: Executor = {
      name: 'collecting',
      slots: 1,
      async run(task) {
        tasks.push(task);
        throw new StudyError('core/not-supported', 'This executor only collects.');
      },
      async close() {},
    };
    await run(folder, study, { bind: (container) => void container.rebind(tokens.executor).toConstantValue(executor) });
    return tasks;
  }

  async function execNode(task: string, store: string) {
    let [out, err] = ['', ''];
    const code = await main(['exec-node', task, '--store', store], {
      isTerminal: false,
      columns: 80,
      write: (text) => {
        out += text;
      },
      writeError: (text) => {
        err += text;
      },
    });
    return {
      code,
      err,
      messages: out
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    };
  }

  test('and tells in lines of JSON what happens; what the store has is not computed again', async () => {
    const folder = temporaryFolder();
    const study = hazardStudy(folder, { good: { does: 'nothing' }, bad: { does: 'defect' } });
    const [good, bad] = await tasksOf(folder, study);
    const file = join(folder, 'task.json');
    writeFileSync(file, JSON.stringify(good));
    const first = await execNode(file, join(folder, 'other-store'));
    expect(first.messages.map(({ type }) => type)).toEqual(['log', 'progress', 'done']);
    const second = await execNode(file, join(folder, 'other-store'));
    expect(second).toEqual({ code: 0, err: '', messages: [first.messages.at(-1)] });
    writeFileSync(file, JSON.stringify(bad));
    const failed = await execNode(file, join(folder, 'other-store'));
    expect(failed.code).toBe(1);
    expect(failed.messages.at(-1)).toMatchObject({ type: 'failed', failure: { code: 'runner/defect' } });
  });

  /** Starts it with the task of one instance, and waits until that is busy. */
  async function busy(does: string) {
    const folder = temporaryFolder();
    const [task] = await tasksOf(folder, hazardStudy(folder, { long: { does } }));
    writeFileSync(join(folder, 'task.json'), JSON.stringify(task));
    const program = fileURLToPath(new URL('../bin/espalier.js', import.meta.url));
    const child = spawn(process.execPath, [program, 'exec-node', 'task.json', '--store', 'store'], { cwd: folder });
    const ended = once(child, 'exit');
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8');
    });
    await vi.waitFor(() => expect(out).toContain('attempt of 0'), 20_000);
    const [, pid] = /in process (\d+)/.exec(out)!;
    return { child, ended, worker: Number(pid) };
  }

  test.each(['wait', 'hog'])('and SIGTERM stops it within two seconds (%s)', async (does) => {
    const { child, ended, worker } = await busy(does);
    const since = performance.now();
    child.kill('SIGTERM');
    expect(await ended).toEqual([130, null]);
    expect(await goneAfter([worker], since)).toBeLessThan(2000);
  });

  test('and SIGKILL ends what computes, too', async () => {
    const { child, worker } = await busy('hog');
    const since = performance.now();
    child.kill('SIGKILL');
    expect(await goneAfter([worker], since)).toBeLessThan(2000);
  });

  test('and a crash is told with its reason', async () => {
    const folder = temporaryFolder();
    const [task] = await tasksOf(folder, hazardStudy(folder, { bad: { does: 'crash' } }));
    const file = join(folder, 'task.json');
    writeFileSync(file, JSON.stringify(task));
    const { code, messages } = await execNode(file, join(folder, 'store'));
    expect(code).toBe(1);
    expect(messages.at(-1)).toEqual({
      type: 'failed',
      failure: {
        code: 'runner/worker-lost',
        text: 'Its process was ended by SIGSEGV before there was a result. The last that it printed:\nabout to crash',
      },
    });
  });

  test('but not a task that was changed by hand', async () => {
    const folder = temporaryFolder();
    const [task] = await tasksOf(folder, hazardStudy(folder, { good: { does: 'nothing' } }));
    const file = join(folder, 'task.json');
    writeFileSync(file, JSON.stringify({ ...task, components: { ...task!.components, seed: 3 } }));
    expect((await execNode(file, join(folder, 'store'))).err.replaceAll(folder, '<folder>')).toBe(
      'error [files/invalid]: <folder>/task.json: The key of this task is not that of its parts. ' +
        'It was changed by hand, or comes from another version of Espalier.\n',
    );
  });
});

test.each(['wait', 'block'])(
  'Ctrl-C on the command ends it within two seconds, and it says how to go on (%s)',
  async (does) => {
    const folder = temporaryFolder();
    writeStudy(folder, hazardStudy(folder, { long: { does } }));
    const program = fileURLToPath(new URL('../bin/espalier.js', import.meta.url));
    // A group of its own: Ctrl-C reaches every process of the terminal's.
    const child = spawn(process.execPath, [program, 'run', 'study.json', '--jobs', '2'], {
      cwd: folder,
      detached: true,
    });
    let out = '';
    let at = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8');
      if (at > 0 || !out.includes('attempt of 0')) return;
      at = performance.now();
      process.kill(-child.pid!, 'SIGINT');
    });
    const [code] = await once(child, 'exit');
    expect(performance.now() - at).toBeLessThan(2000);
    expect(code).toBe(130);
    expect(out).toContain('Stopping; what is finished is kept. Press Ctrl-C again to stop at once.');
    expect(out).toMatch(/Go on with: {2}espalier run study\.json --jobs 2\n$/);
  },
);

test('a runner that is killed takes its workers with it', async () => {
  const folder = temporaryFolder();
  writeStudy(folder, hazardStudy(folder, { long: { does: 'wait' } }));
  const program = fileURLToPath(new URL('../bin/espalier.js', import.meta.url));
  const child = spawn(process.execPath, [program, 'run', 'study.json'], { cwd: folder });
  let out = '';
  const worker = await new Promise<number>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8');
      const [, pid] = /attempt of 0 in process (\d+)/.exec(out) ?? [];
      if (pid) resolve(Number(pid));
    });
  });
  child.kill('SIGKILL');
  await vi.waitFor(() => expect(() => process.kill(worker, 0)).toThrow('ESRCH'), 5000);
});
