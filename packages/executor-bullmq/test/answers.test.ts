import { setTimeout as pause } from 'node:timers/promises';
import type { Task, TaskWatcher } from '@espalier/runner';
import { executorLaws } from '@espalier/runner/testing';
import type { Job, Worker } from 'bullmq';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createExecutor } from '../src/executor.ts';
import { queueName } from '../src/job.ts';
import { serveTasks } from '../src/serve.ts';
import { type Server, serverAt } from '../src/server.ts';
import { temporaryFolder } from './project.ts';
import { redis } from './servers.ts';

const storeId = '0123456789abcdef';

async function server(): Promise<{ readonly url: string; readonly server: Server }> {
  const started = await redis.at(temporaryFolder());
  await started.start();
  onTestFinished(started.kill);
  return { url: started.url, server: serverAt(started.url, () => {}) };
}

function silent(): TaskWatcher {
  return { signal: new AbortController().signal, started() {}, progress() {}, log() {}, memory() {} };
}

const where = redis.missing ? ` (${redis.missing})` : '';

describe.skipIf(redis.missing)(`what is no job or no answer, on Redis${where}`, () => {
  test('a worker answers jobs that are none, and performs nothing', async () => {
    const { url, server: there } = await server();
    const over = new AbortController();
    const perform = vi.fn();
    const slots = { cpu: 2, gpu: 0 };
    const numericsOf = vi.fn();
    const serving = serveTasks({ url, storeId, slots, perform, numericsOf, signal: over.signal, log() {} });
    const queue = there.queue(queueName('cpu', storeId));
    const nothings = [null, 7, 'text', [], {}, { request: null, beat: 'a' }, { request: { type: 'task' }, beat: 'a' }];
    const jobs = await Promise.all(nothings.map((data, at) => queue.add('espalier', data, { jobId: `job-${at}` })));
    for (const { id } of jobs) {
      const answer = await vi.waitUntil(async () => ((await queue.getJob(id!)) as Job).returnvalue, 10_000);
      expect(answer).toMatchObject({ type: 'failed', failure: { code: 'files/invalid' } });
    }
    expect(perform).not.toHaveBeenCalled();
    over.abort();
    await serving;
    await queue.close();
  });

  test('a run takes no answer that is none', async () => {
    const { url, server: there } = await server();
    const taker = there.taker(queueName('cpu', storeId), 60_000);
    const startLocal = vi.fn();
    const executor = await createExecutor({ url, storeId, storeAt: '', startLocal });
    const nothings = [null, 7, [], {}, { type: 'done' }, { type: 'failed', failure: 'x' }, { type: 'other' }];
    for (const [at, nothing] of nothings.entries()) {
      const task = { key: `key-${at}`, resources: {} } as Task; // no more of it is looked at
      const asked = executor.run(task, silent());
      await (await taken(taker)).moveToCompleted(nothing, 'token', false);
      await expect(asked, JSON.stringify(nothing)).rejects.toMatchObject({
        code: 'runner/worker-lost',
        message: expect.stringContaining('no answer of this version'),
      });
    }
    await executor.close();
    await taker.close();
  });
});

describe.skipIf(redis.missing)(`the laws of executors, on Redis${where}`, () => {
  test.each(Object.entries(executorLaws))('%s', async (_, check) => {
    const { url } = await server();
    await check({ create: createExecutor, serve: serveTasks, url });
  });
});

test.skipIf(redis.missing)(`runs that ask for one job again do not stand in each other's way${where}`, async () => {
  const { url, server: there } = await server();
  const taker = there.taker(queueName('cpu', storeId), 60_000);
  const settings = { url, storeId, storeAt: '', startLocal: vi.fn() };
  const executors = await Promise.all([1, 2, 3].map(() => createExecutor(settings)));
  const task = { key: 'key', resources: {} } as Task; // no more of it is looked at
  const runs = Promise.all(executors.map((executor) => executor.run(task, silent())));
  const over = runs.then(
    () => true,
    () => true,
  );
  let isOver = false;
  void over.then(() => {
    isOver = true;
  });
  for (let asked = 0; !isOver; asked++) {
    const job: Job | undefined = await taker.getNextJob('token');
    await job?.moveToCompleted(asked < 40 ? { type: 'stopped' } : { type: 'done', outputs: {} }, 'token', false);
  }
  expect(await runs).toEqual([{}, {}, {}]);
  await Promise.all(executors.map((executor) => executor.close()));
  await taker.close();
});

async function taken(taker: Worker): Promise<Job> {
  for (;;) {
    const job: Job | undefined = await taker.getNextJob('token');
    if (job) return job;
    await pause(20);
  }
}
