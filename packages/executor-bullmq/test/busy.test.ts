import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { childrenOf, goneAfter, isReaper } from '../../runner/test/processes.ts';
import { queueName } from '../src/job.ts';
import { serverAt } from '../src/server.ts';
import { espalier, type Program, until } from './programs.ts';
import { eventsOf, newProject, temporaryFolder } from './project.ts';
import { postgres, redis, type ServerKind } from './servers.ts';

/** A store with a server of its own, for runs of three instances that each are one call of a minute. */
async function busyScene(kind: ServerKind) {
  const folder = temporaryFolder();
  const server = await kind.at(folder);
  await server.start();
  const project = newProject(folder, { ms: 60_000, salts: [0, 1, 2], busy: true });
  const environment = { ESPALIER_EXECUTOR_URL: server.url };
  const started = (): number =>
    eventsOf(project).filter(({ type, instance }) => type === 'started' && String(instance).startsWith('nap')).length;
  let seen = 0;
  return {
    server,
    worker: () => espalier(project, ['worker', '--store', '.espalier/store', '--jobs', '2'], environment),
    run: () => espalier(project, ['run', 'study.json', '--executor', 'bullmq'], environment),
    /** Until the third instance is in the queue, too. */
    async oneWaits(): Promise<void> {
      const id = readFileSync(join(project, '.espalier/store/id'), 'utf8').trim();
      const queue = serverAt(server.url, () => {}).queue(queueName('cpu', id));
      await vi.waitFor(async () => expect(await queue.getWaitingCount()).toBe(1), 20_000);
      await queue.close();
    },
    /** The processes that a worker has started, when two of them are in the middle of a call. */
    async busyOf(worker: Program): Promise<readonly number[]> {
      await until('two naps run', () => started() >= seen + 2);
      seen = started();
      const pids = childrenOf(worker.pid).filter((pid) => !isReaper(pid));
      expect(pids.length).toBeGreaterThanOrEqual(2);
      return pids;
    },
  };
}

async function interruptTwice(program: Program): Promise<number> {
  program.signal('SIGINT');
  await until('it has heard', () => program.output().includes('Stopping'));
  await pause(400);
  const since = performance.now();
  program.signal('SIGINT');
  await program.ended;
  return since;
}

// One after another: their time is measured. How the server tells of a run that is gone is each server's own.
for (const kind of [redis, postgres]) {
  const skip = kind.missing;
  test.skipIf(skip)(
    `busy processes of a worker are gone within two seconds, on ${kind.name}${skip ? ` (${skip})` : ''}`,
    async () => {
      const scene = await busyScene(kind);
      const worker = scene.worker();

      const killedRun = scene.run();
      const ofKilledRun = await scene.busyOf(worker);
      if (kind === redis) await scene.oneWaits();
      const killedAt = performance.now();
      await killedRun.kill();
      expect(await goneAfter(ofKilledRun, killedAt), 'of SIGKILL of the run').toBeLessThan(2000);
      if (kind === redis) {
        await until('what waited is left', () => /^left {5}nap/m.test(worker.output()));
        expect(worker.output().match(/^run {6}nap/gm), 'it is not begun').toHaveLength(2);
      }

      const stoppedRun = scene.run();
      const ofStoppedRun = await scene.busyOf(worker);
      const stoppedAt = await interruptTwice(stoppedRun);
      expect(await goneAfter(ofStoppedRun, stoppedAt), 'of the second Ctrl-C in the run').toBeLessThan(2000);

      if (kind === redis) {
        const run = scene.run();
        const ofStoppedWorker = await scene.busyOf(worker);
        const workerStoppedAt = await interruptTwice(worker);
        expect(await goneAfter(ofStoppedWorker, workerStoppedAt), 'of its second Ctrl-C').toBeLessThan(2000);

        const other = scene.worker();
        const ofKilledWorker = await scene.busyOf(other);
        process.kill(ofKilledWorker[0]!, 'SIGSTOP');
        const workerKilledAt = performance.now();
        await other.kill();
        expect(await goneAfter(ofKilledWorker, workerKilledAt), 'of its SIGKILL, also stopped ones').toBeLessThan(2000);
        await run.kill();
      }
      await scene.server.kill();
    },
  );
}
