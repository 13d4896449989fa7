import { describe, expect, test } from 'vitest';
import { childrenOf, goneAfter, isReaper } from '../../runner/test/processes.ts';
import { espalier, type Program, until } from './programs.ts';
import { eventsOf, newProject, temporaryFolder } from './project.ts';
import { postgres, redis, type TestServer } from './servers.ts';

interface Scene {
  readonly worker: Program;
  readonly runner: Program;
  readonly server: TestServer;
  readonly project: string;
  /** The processes that the worker has started. */
  readonly pids: readonly number[];
}

/** A run and a worker of it, whose processes are all in the middle of a call that lasts a minute. */
async function busyScene(kind: typeof redis): Promise<Scene> {
  const folder = temporaryFolder();
  const server = await kind.at(folder);
  await server.start();
  const project = newProject(folder, { ms: 60_000, salts: [0, 1], busy: true });
  const environment = { ESPALIER_EXECUTOR_URL: server.url };
  const worker = espalier(project, ['worker', '--store', '.espalier/store', '--jobs', '2'], environment);
  const runner = espalier(project, ['run', 'study.json', '--executor', 'bullmq'], environment);
  const naps = (): number =>
    eventsOf(project).filter(({ type, instance }) => type === 'started' && String(instance).startsWith('nap')).length;
  await until('both naps run', () => naps() === 2);
  return { worker, runner, server, project, pids: childrenOf(worker.pid) };
}

for (const kind of [redis, postgres]) {
  const skip = kind.missing;
  // One after another: their time is measured.
  describe.skipIf(skip)(`busy processes of a worker, on ${kind.name}${skip ? ` (${skip})` : ''},`, () => {
    test('are gone within two seconds of its SIGKILL, also one that is stopped', async () => {
      const { worker, runner, server, pids } = await busyScene(kind);
      expect(pids.length).toBeGreaterThanOrEqual(2);
      process.kill(pids[0]!, 'SIGSTOP');
      const since = performance.now();
      await worker.kill();
      expect(await goneAfter(pids, since)).toBeLessThan(2000);
      await runner.kill();
      await server.kill();
    });

    test('are gone when its second Ctrl-C has ended it', async () => {
      const { worker, runner, server, pids } = await busyScene(kind);
      worker.signal('SIGINT');
      await until('it has heard', () => worker.output().includes('Stopping'));
      await new Promise((resolve) => setTimeout(resolve, 400));
      const since = performance.now();
      worker.signal('SIGINT');
      await worker.ended;
      expect(await goneAfter(pids, since)).toBeLessThan(2000);
      await runner.kill();
      await server.kill();
    });

    test('are gone within two seconds of the second Ctrl-C in the run', async () => {
      const { runner, server, pids } = await busyScene(kind);
      runner.signal('SIGINT');
      await until('it has heard', () => runner.output().includes('Stopping'));
      await new Promise((resolve) => setTimeout(resolve, 400));
      const since = performance.now();
      runner.signal('SIGINT');
      expect(await runner.ended).toBe(130);
      expect(
        await goneAfter(
          pids.filter((pid) => !isReaper(pid)),
          since,
        ),
      ).toBeLessThan(2000);
      await server.kill();
    });
  });
}
