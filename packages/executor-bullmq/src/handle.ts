import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { TaskWatcher } from '@espalier/runner';
import { Job, type Worker } from 'bullmq';
import { type Answer, isRequest, type JobData, lostAnswer, type Told } from './job.ts';
import { waitName } from './presence.ts';
import { isOutage } from './server.ts';
import type { Serving } from './serving.ts';

// Ctrl-C in a run shall end what it had running within two seconds, of which the process itself may take more than one.
const checkIntervalMs = 300;
// A run whose connection broke has another one by then.
const checksInVain = 2;
const progressIntervalMs = 500;
const closeTimeoutMs = 1000;
const retryMs = 1000;
const maxLines = 200;
const host = hostname();

/** Answers a job. It is stopped when nobody asks for it any more or its lock is lost; given back when this worker stops. */
export async function handle(
  taker: Worker,
  job: Job<JobData>,
  token: string,
  serving: Serving,
  began: () => void,
): Promise<void> {
  if (job.stalledCounter > 0) return handOver(job, lostAnswer(job), token, serving.signal);
  if (await isOrphan(taker, job, serving)) {
    serving.log(`left     ${nameOf(job)}, since its run is gone`);
    return handOver(job, { type: 'stopped' }, token, serving.signal);
  }
  const stop = new AbortController();
  const atOnce = new AbortController();
  const watch = watchOver(taker, job, token, serving, (isOrphaned) => {
    if (isOrphaned) atOnce.abort();
    stop.abort();
  });
  const stops = { signal: AbortSignal.any([stop.signal, serving.signal]), atOnce: atOnce.signal };
  try {
    const answer = await answerOf(job, serving, stops, began);
    if (serving.signal.aborted) await Promise.race([job.moveToWait(token), pause(closeTimeoutMs)]);
    else await handOver(job, stop.signal.aborted ? { type: 'stopped' } : answer, token, serving.signal);
  } finally {
    watch.end();
  }
}

/** The answer to a job, also to one that holds no request: others write to the same server. */
async function answerOf(
  job: Job<JobData>,
  { perform, numericsOf, log }: Serving,
  { signal, atOnce }: Stops,
  began: () => void,
): Promise<Answer> {
  if (!isRequest(job.data)) {
    began();
    const what = 'The job in the queue is no task of this version of Espalier.';
    const text = `${what} Use the same version for runs and workers.`;
    return { type: 'failed', failure: { code: 'files/invalid', text } };
  }
  const { request } = job.data;
  if (request.type === 'numerics') {
    began();
    return numericsOf(request.model, request.place);
  }
  const news = teller(job);
  const instance = request.task.origin.instance;
  const started = Date.now();
  try {
    const answer = await perform(request.task, {
      signal,
      atOnce,
      started({ pid }) {
        log(`run      ${instance}`);
        began();
        news.begin(pid);
      },
      progress: (progress) => news.add({ progress }),
      log: (line) => news.add({ lines: [line] }),
      memory: (memory) => news.add({ memory }),
    });
    const how = signal.aborted ? 'stopped ' : answer.type === 'done' ? 'done    ' : 'failed  ';
    log(`${how} ${instance}  ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return answer;
  } finally {
    await news.end();
  }
}

/** How a task hears that it shall stop. */
type Stops = Required<Pick<TaskWatcher, 'signal' | 'atOnce'>>;

function nameOf({ data }: Job<JobData>): string {
  return isRequest(data) && data.request.type === 'task' ? data.request.task.origin.instance : 'a question';
}

/** Whether nobody waits for a job, so that it need not begin: its run was killed before it was taken. */
async function isOrphan(taker: Worker, job: Job, { waiters }: Serving): Promise<boolean> {
  for (let look = 1; look <= checksInVain; look++) {
    if (look > 1) await pause(checkIntervalMs);
    if ((await waiters.areThere(waitName(taker.name, job.id!))) !== false) return false;
  }
  return true;
}

/**
 * Keeps the lock of a job, and looks whether anybody still asks for it. While the server is away, nobody is silent.
 *
 * @param stop nobody does any more; whether all who did are gone, so that nothing is to be waited for
 */
function watchOver(
  taker: Worker,
  job: Job<JobData>,
  token: string,
  { silence, waiters }: Serving,
  stop: (isOrphaned: boolean) => void,
): { end(): void } {
  let beat = job.data?.beat;
  let unheardMs = 0;
  let lockedAt = performance.now();
  let inVain = 0;
  const look = async (): Promise<void> => {
    if (performance.now() - lockedAt > silence / 4) {
      const lost = await taker.extendJobLocks([job.id!], [token], silence);
      if (lost.length > 0) return stop(false);
      lockedAt = performance.now();
    }
    // Asked before the job is read: a run cancels what it lets go.
    inVain = (await waiters.areThere(waitName(taker.name, job.id!))) === false ? inVain + 1 : 0;
    const now: Job<JobData> | undefined = await Job.fromId(taker, job.id!);
    unheardMs = now?.data?.beat === beat ? unheardMs + checkIntervalMs : 0;
    beat = now?.data?.beat ?? beat;
    const isOrphaned = inVain >= checksInVain && !now?.data?.cancelled;
    if (!now || now.data?.cancelled || unheardMs > silence || isOrphaned) stop(isOrphaned);
  };
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch(() => {}) // no answer: neither from the server nor from who asks
      .finally(() => {
        looking = false;
      });
  }, checkIntervalMs);
  return { end: () => clearInterval(timer) };
}

/** Passes on what a task tells, in few messages: each is an event that the server keeps for a while. */
function teller(job: Job<JobData>): Teller {
  let news: Partial<Told> = {};
  let pid = 0;
  let telling: Promise<unknown> | undefined;
  const flush = async (): Promise<void> => {
    const told: Told = { host, pid, ...news };
    news = {};
    await job.updateProgress({ ...told }).catch(() => {});
  };
  const soon = (): void => {
    telling ??= pause(progressIntervalMs)
      .then(flush)
      .finally(() => {
        telling = undefined;
      });
  };
  return {
    begin(process) {
      pid = process;
      void flush();
    },
    add({ lines, ...rest }) {
      news = { ...news, ...rest, ...(lines && { lines: [...(news.lines ?? []), ...lines].slice(-maxLines) }) };
      soon();
    },
    async end() {
      await Promise.race([telling, pause(closeTimeoutMs)]);
    },
  };
}

interface Teller {
  begin(pid: number): void;
  add(news: Partial<Told>): void;
  /** Waits until all has been told, if that is soon. */
  end(): Promise<void>;
}

/** Hands an answer over; a server that is away is waited for. */
async function handOver(job: Job<JobData>, answer: Answer, token: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await job.moveToCompleted(answer, token, false);
      return;
    } catch (error) {
      if (!isOutage(error)) throw error;
      await pause(retryMs, undefined, { signal });
    }
  }
}
