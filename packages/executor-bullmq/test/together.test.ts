import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { main } from '../../runner/src/command-line/cli.ts';
import { espalier, type Program, until } from './programs.ts';
import { eventsOf, newProject, resultsOf, temporaryFolder } from './project.ts';
import { redis, type TestServer } from './servers.ts';

const store = ['--store', '.espalier/store'];
const run = ['run', 'study.json', '--executor', 'bullmq'];

interface Scene {
  readonly project: string;
  readonly server: TestServer;
  readonly espalier: (...args: string[]) => Program;
}

async function scene(shape: { readonly ms: number; readonly salts: readonly number[] }): Promise<Scene> {
  const folder = temporaryFolder();
  const server = await redis.at(folder);
  await server.start();
  const project = newProject(folder, shape);
  return { project, server, espalier: (...args) => espalier(project, args, { ESPALIER_EXECUTOR_URL: server.url }) };
}

const missing = redis.missing;

const where = `on Redis${missing ? ` (${missing})` : ''}`;

describe.skipIf(missing)(`runs and workers ${where}`, { concurrent: true }, () => {
  test('two runs on one store share the work of one worker, and hear what it says', async () => {
    const { project, espalier, server } = await scene({ ms: 300, salts: [0, 1, 2, 3] });
    espalier('worker', ...store, '--jobs', '2');
    const runs = [espalier(...run), espalier(...run)];
    expect(await Promise.all(runs.map(({ ended }) => ended)), runs.map(({ output }) => output()).join()).toEqual([
      0, 0,
    ]);
    await server.kill();
    const done = eventsOf(project).filter(({ type }) => type === 'done');
    expect(done).toHaveLength(new Set(done.map(({ instance }) => instance)).size);
    const lines = eventsOf(project)
      .filter(({ type }) => type === 'log')
      .map(({ line }) => line);
    expect(lines.filter((line) => line === 'sleeping 300 ms')).toHaveLength(4);
    expect(eventsOf(project).some(({ type, host }) => type === 'started' && typeof host === 'string')).toBe(true);
    expect(eventsOf(project).some(({ type }) => type === 'progress')).toBe(true);
    expect(resultsOf(project).size).toBe(11); // nine instances, two outputs
  });

  test('a worker that is asked to stop gives its task back; another one takes it', async () => {
    const { project, espalier, server } = await scene({ ms: 2500, salts: [0] });
    const first = espalier('worker', ...store, '--jobs', '1');
    const runner = espalier(...run);
    await until('the nap runs', () => first.output().includes('run      nap'));
    first.signal('SIGINT');
    expect(await first.ended).toBe(0);
    espalier('worker', ...store, '--jobs', '1');
    expect(await runner.ended, runner.output()).toBe(0);
    await server.kill();
    expect(eventsOf(project).filter(({ type }) => type === 'retried')).toEqual([]);
  });

  test('a worker with other code refuses, naming both', async () => {
    const { project, espalier, server } = await scene({ ms: 10, salts: [0] });
    const elsewhere = newProject(temporaryFolder(), { ms: 10, salts: [0] });
    appendFileSync(join(elsewhere, 'nap.mjs'), '// changed\n');
    espalier('worker', ...store, '--in', elsewhere);
    const runner = espalier(...run);
    expect(await runner.ended).toBe(1);
    await server.kill();
    const failed = eventsOf(project).find(({ type }) => type === 'failed');
    expect(String(failed?.text)).toMatch(
      /^The run uses \.\/nap\.mjs 0\.0\.0 \(code \w{12}\); the worker on \S+ has 0\.0\.0 \(code \w{12}\)\. Install the same on both/,
    );
  });

  test('without a worker, a run says what it waits for', async () => {
    const { espalier, server } = await scene({ ms: 10, salts: [0] });
    const runner = espalier(...run);
    await until('it says so', () => runner.output().includes('No worker takes tasks of this store.'));
    espalier('worker', ...store);
    expect(await runner.ended).toBe(0);
    await server.kill();
  });
});

// By itself, for its time is measured.
test.skipIf(missing)(
  `Ctrl-C ends a run in two seconds, and its worker stops what nobody asks for any more, ${where}`,
  async () => {
    const { project, espalier, server } = await scene({ ms: 60_000, salts: [0, 1, 2] });
    const worker = espalier('worker', ...store, '--jobs', '1');
    const runner = espalier(...run);
    await until('a nap runs', () => worker.output().includes('run      nap'));
    const asked = Date.now();
    runner.signal('SIGINT');
    expect(await runner.ended).toBe(130);
    expect(Date.now() - asked).toBeLessThan(2500);
    await until('the worker stops it', () => worker.output().includes('stopped  nap'), 8000);
    await pause(1500);
    expect(worker.output().match(/run {6}nap/g)).toHaveLength(1); // what waited is gone
    await server.kill();
    expect(eventsOf(project).filter(({ type }) => type === 'failed')).toEqual([]);
  },
);

describe('mistakes', () => {
  const told = async (...args: string[]) => {
    let out = '';
    const write = (text: string): void => {
      out += text;
    };
    const code = await main(args, { isTerminal: false, columns: 80, write, writeError: write });
    return `${code}: ${out.trim()}`;
  };
  const study = (): string => join(newProject(temporaryFolder(), { ms: 10, salts: [0] }), 'study.json');
  const run = () => ['run', study(), '--executor', 'bullmq'];

  test('no URL, or that of another kind of server', async () => {
    expect(await told(...run())).toBe(
      '2: error [core/options-invalid]: Expected the URL of a Redis or PostgreSQL server, found none. Give it with --url or in ESPALIER_EXECUTOR_URL, ' +
        'for example redis://127.0.0.1:6379 or postgres://127.0.0.1:5432/database.',
    );
    expect(await told('worker', ...store, '--url', 'amqp://me:s3cret@host')).toBe(
      '2: error [core/options-invalid]: Expected the URL of a Redis or PostgreSQL server, found one that starts with amqp://. Give it with --url or in ESPALIER_EXECUTOR_URL, ' +
        'for example redis://127.0.0.1:6379 or postgres://127.0.0.1:5432/database.',
    );
  });

  const unreachable = /^1: error \[engine\/unavailable\]: The server of the queues cannot be reached: .*ECONNREFUSED/;

  test('no Redis server there', async () => {
    const text = await told(...run(), '--url', 'redis://me:s3cret@127.0.0.1:1');
    expect(text).toMatch(unreachable);
    expect(text).not.toContain('s3cret');
  });

  test('no PostgreSQL server there', async () => {
    // In a process: its driver cannot be loaded in one of vitest.
    const url = 'postgres://me:s3cret@127.0.0.1:1/jobs';
    const program = espalier(dirname(study()), ['run', 'study.json', '--executor', 'bullmq', '--url', url], {});
    const text = `${await program.ended}: ${program.output()}`;
    expect(text).toMatch(unreachable);
    expect(text).not.toContain('s3cret');
  });

  test('a URL without an executor', async () => {
    expect(await told('run', study(), '--url', 'redis://127.0.0.1')).toBe(
      '2: error: --url says where the server of an executor is. Name the executor too, for example --executor bullmq',
    );
  });
});
