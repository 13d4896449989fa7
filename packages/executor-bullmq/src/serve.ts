import { setTimeout as pause } from 'node:timers/promises';
import type { ServeSettings } from '@espalier/runner';
import type { Job, Worker } from 'bullmq';
import { handle } from './handle.ts';
import { type JobData, queueName, type ResourceClass } from './job.ts';
import { once } from './once.ts';
import { outages } from './outages.ts';
import { serverAt } from './server.ts';
import type { Serving } from './serving.ts';
import { silenceMs } from './silence.ts';

const retryMs = 1000;
const closeTimeoutMs = 1500;

/**
 * Takes tasks of one store from a Redis or PostgreSQL server until `signal` is aborted; what runs then is stopped and left to
 * others. A server that goes away is waited for.
 *
 * @throws StudyError `core/options-invalid` without a URL of a known kind
 */
export async function serveTasks(settings: ServeSettings): Promise<void> {
  const { url, storeId, slots, log } = settings;
  const silence = silenceMs();
  const outage = outages(
    ({ message }) => log(`the server does not answer (${message}); waiting for it`),
    () => log('the server answers again'),
  );
  const server = serverAt(url, outage.heard);
  const classes = (['cpu', 'gpu'] as const).filter((what) => slots[what] > 0);
  const wanted: readonly (readonly [ResourceClass | 'questions', number])[] = [
    ...classes.map((what) => [what, slots[what]] as const),
    ['questions', 1],
  ];
  const takers = wanted.map(([what, count]) => ({ taker: server.taker(queueName(what, storeId), silence), count }));
  log(
    `ready for ${classes.map((what) => `${slots[what]} ${what} ${slots[what] === 1 ? 'task' : 'tasks'}`).join(' and ')}`,
  );
  const waiters = server.presence.waiters();
  await Promise.all(
    takers.map(async ({ taker, count }) => {
      void taker.startStalledCheckTimer().catch(() => {}); // it begins again with every connection
      await takeFrom(taker, count, { ...settings, silence, waiters, answered: outage.over });
      await Promise.race([taker.close().catch(() => {}), pause(closeTimeoutMs)]);
    }),
  );
  await waiters.close();
}

/** Takes a job whenever one more may run. One that waits for room on this machine keeps the next ones with the others. */
async function takeFrom(taker: Worker, count: number, serving: Serving): Promise<void> {
  const { signal, answered } = serving;
  const active = new Set<Promise<void>>();
  let waiting = 0;
  let wake = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  for (let taken = 0; !signal.aborted; ) {
    if (active.size >= count || waiting > 0) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await Promise.race([changed, ...active, stopped]);
      continue;
    }
    const token = `${taker.id}:${taken++}`;
    const next: Promise<Job<JobData> | undefined> = taker.getNextJob(token);
    const job = await Promise.race([
      next.then(
        (found) => {
          answered();
          return found;
        },
        () => pause(retryMs, undefined),
      ),
      stopped.then(() => 'stopped' as const),
    ]);
    // One that arrives too late is for others.
    if (job === 'stopped') next.then((late) => late?.moveToWait(token)).catch(() => {});
    if (!job || job === 'stopped') continue;
    waiting++;
    const began = once(() => {
      waiting--;
      wake();
    });
    const run = handle(taker, job, token, serving, began)
      .catch(() => {}) // the server is gone: what was done is in the store
      .finally(() => {
        began();
        active.delete(run);
      });
    active.add(run);
  }
  await Promise.all(active);
}
