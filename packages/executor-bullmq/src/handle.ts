import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Job, type Worker } from 'bullmq';
import { type Answer, isRequest, type JobData, lostAnswer, type Told } from './job.ts';
import type { Serving } from './serve.ts';
import { isOutage } from './server.ts';

// Ctrl-C in a run shall end what it had running within two seconds, of which the process itself may take more than one.
const watchEveryMs = 400;
const tellEveryMs = 500;
const lastWordsMs = 1000;
const againMs = 1000;
const mostLines = 200;
const host = hostname();

/**
 * Answers a job. It is stopped when nobody asks for it any more, or when its lock is lost; given back when this worker stops.
 *
 * @param began the task has found room on this machine
 */
export async function handle(
  taker: Worker,
  job: Job<JobData>,
  token: string,
  serving: Serving,
  began: () => void,
): Promise<void> {
  if (job.stalledCounter > 0) return handOver(job, lostAnswer(job), token, serving.signal);
  const stop = new AbortController();
  const watch = watchOver(taker, job, token, serving.silence, () => stop.abort());
  try {
    const answer = await soundAnswer(job, serving, AbortSignal.any([stop.signal, serving.signal]), began);
    if (serving.signal.aborted) await Promise.race([job.moveToWait(token), pause(lastWordsMs)]);
    else await handOver(job, stop.signal.aborted ? { type: 'stopped' } : answer, token, serving.signal);
  } finally {
    watch.end();
  }
}

/** The answer to a job, also to one that holds no request: others write to the same server. */
async function soundAnswer(
  job: Job<JobData>,
  serving: Serving,
  signal: AbortSignal,
  began: () => void,
): Promise<Answer> {
  if (isRequest(job.data)) return answerOf(job, serving, signal, began);
  began();
  const text =
    'The job in the queue is no task of this version of Espalier. Use the same version for runs and workers.';
  return { type: 'failed', failure: { code: 'file-invalid', text } };
}

async function answerOf(
  job: Job<JobData>,
  { perform, numericsOf, log }: Serving,
  signal: AbortSignal,
  began: () => void,
): Promise<Answer> {
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

/** Keeps the lock of a job, and looks whether anybody still asks for it. While the server is away, nobody is silent. */
function watchOver(
  taker: Worker,
  job: Job<JobData>,
  token: string,
  silence: number,
  stop: () => void,
): { end(): void } {
  let beat = job.data?.beat;
  let unheardMs = 0;
  let lockedAt = performance.now();
  const look = async (): Promise<void> => {
    if (performance.now() - lockedAt > silence / 4) {
      const lost = await taker.extendJobLocks([job.id!], [token], silence);
      if (lost.length > 0) return stop();
      lockedAt = performance.now();
    }
    const now: Job<JobData> | undefined = await Job.fromId(taker, job.id!);
    unheardMs = now?.data?.beat === beat ? unheardMs + watchEveryMs : 0;
    beat = now?.data?.beat ?? beat;
    if (!now || now.data?.cancelled || unheardMs > silence) stop();
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
  }, watchEveryMs);
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
    telling ??= pause(tellEveryMs)
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
      news = { ...news, ...rest, ...(lines && { lines: [...(news.lines ?? []), ...lines].slice(-mostLines) }) };
      soon();
    },
    async end() {
      await Promise.race([telling, pause(lastWordsMs)]);
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
      await pause(againMs, undefined, { signal });
    }
  }
}
