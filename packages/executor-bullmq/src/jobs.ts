import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Job, Queue, QueueEvents } from 'bullmq';
import { type Answer, answerIn, isTold, type JobData, lostAnswer, type Request, type Told } from './job.ts';
import { type Waiter, waitName } from './presence.ts';
import { isOutage, type Server } from './server.ts';

/** Who waits for an answer. */
export interface Asker {
  readonly signal: AbortSignal;
  readonly hear: (told: Told) => void;
  /** Nobody has taken it yet, and no worker is there that could. */
  readonly noWorker: () => void;
}

// Events tell at once. Polling makes up for those that a broken connection swallowed.
const pollMs = 3000;
const cancelledRetryMs = 200;

/** One queue, as those see it who wait for its jobs. */
export class Jobs {
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #waiter: Waiter;
  readonly #name: string;
  readonly #silenceMs: number;
  readonly #id = randomBytes(6).toString('hex');
  readonly #followers = new Map<string, { poll(): void; hear(told: Told): void }>();
  readonly #leaving = new Set<Promise<unknown>>();

  /** @param silenceMs workers stop what nobody has asked for during that time */
  constructor(server: Server, waiter: Waiter, name: string, silenceMs: number) {
    [this.#waiter, this.#name, this.#silenceMs] = [waiter, name, silenceMs];
    [this.#queue, this.#events] = [server.queue(name), server.events(name)];
    this.#events.on('completed', ({ jobId }) => this.#followers.get(jobId)?.poll());
    this.#events.on('failed', ({ jobId }) => this.#followers.get(jobId)?.poll());
    this.#events.on('progress', ({ jobId, data }) => {
      if (isTold(data)) this.#followers.get(jobId)?.hear(data);
    });
  }

  /**
   * Puts a request into the queue, unless another run has, and waits for its answer. What a server has lost is put there
   * again.
   *
   * @throws the signal's reason, at once; a job that waits is then removed, one that runs is stopped
   */
  async ask(id: string, request: Request, asker: Asker): Promise<Answer> {
    this.#waiter.wait(waitName(this.#name, id));
    try {
      for (;;) {
        const answer = await patiently(() => this.#askOnce(id, request, asker), asker.signal);
        if (answer && answer.type !== 'stopped') return answer;
      }
    } finally {
      // Not before it is cancelled: that is the gentler end.
      void Promise.all(this.#leaving).then(() => this.#waiter.leave(waitName(this.#name, id)));
    }
  }

  async close(): Promise<void> {
    await Promise.race([Promise.all(this.#leaving), pause(closeTimeoutMs)]);
    await Promise.race([Promise.all([this.#queue.close(), this.#events.close()]), pause(closeTimeoutMs)]);
  }

  /** Undefined where the server has lost the job. */
  async #askOnce(id: string, request: Request, asker: Asker): Promise<Answer | undefined> {
    const { signal } = asker;
    let beats = 0;
    const data = (): JobData => ({ request, beat: `${this.#id}-${beats++}` });
    const job = await this.#put(id, data(), signal);
    return new Promise<Answer | undefined>((resolve, reject) => {
      const end = (settle: () => void): void => {
        for (const timer of [polls, beat]) clearInterval(timer);
        signal.removeEventListener('abort', giveUp);
        this.#followers.delete(id);
        settle();
      };
      // A server that does not answer is asked again: connections mend themselves.
      const tryTo = (what: () => Promise<unknown>) => () => void what().catch(() => {});
      const poll = tryTo(async () => {
        const found = await this.#poll(id, asker);
        if (found !== 'pending') end(() => resolve(found));
      });
      const polls = setInterval(poll, pollMs);
      const beat = setInterval(
        tryTo(() => job.updateData(data())),
        this.#silenceMs / 4,
      );
      const giveUp = (): void => {
        const left = this.#leave(id).catch(() => {}); // its worker notices that nobody asks any more
        this.#leaving.add(left);
        void left.finally(() => this.#leaving.delete(left));
        end(() => reject(signal.reason));
      };
      this.#followers.set(id, { poll, hear: asker.hear });
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
      else poll();
    });
  }

  /** Puts a job in place; one of an earlier run is joined while it runs, and taken away when it has ended. */
  async #put(id: string, data: JobData, signal: AbortSignal): Promise<Job<JobData>> {
    for (;;) {
      signal.throwIfAborted();
      const there: Job<JobData> | undefined = await this.#queue.getJob(id);
      if (!there) return this.#queue.add('espalier', data, { jobId: id, removeOnComplete: kept, removeOnFail: kept });
      const state = await there.getState();
      const hasEnded = state === 'completed' || state === 'failed';
      if (hasEnded || (there.data.cancelled && state === 'waiting')) await takeAway(there, state);
      else if (!there.data.cancelled) return there;
      else await pause(cancelledRetryMs, undefined, { signal });
    }
  }

  /** The answer of a job that has ended; undefined where it is gone. */
  async #poll(id: string, { hear, noWorker }: Asker): Promise<Answer | undefined | 'pending'> {
    const now: Job<JobData> | undefined = await this.#queue.getJob(id);
    const state = now && (await now.getState());
    if (!now || state === 'unknown') return undefined;
    if (state === 'completed') {
      // It was read before it had ended; by now another run may have put it in place again.
      const ended: Job<JobData> | undefined = await this.#queue.getJob(id);
      return ended?.finishedOn ? answerIn(ended.returnvalue) : undefined;
    }
    const isLost = state === 'waiting' && now.stalledCounter > 0;
    if (isLost) await now.remove();
    if (isLost || state === 'failed') return lostAnswer(now);
    if (state !== 'active') {
      if ((await this.#queue.getWorkersCount()) === 0) noWorker();
    } else if (isTold(now.progress)) hear(now.progress);
    return 'pending';
  }

  async #leave(id: string): Promise<void> {
    const job: Job<JobData> | undefined = await this.#queue.getJob(id);
    if (!job) return;
    const state = await job.getState();
    if (state === 'waiting') await job.remove().catch(() => job.updateData({ ...job.data, cancelled: true }));
    else if (state === 'active') await job.updateData({ ...job.data, cancelled: true });
  }
}

/** Removes a job, unless another run has by now, and has perhaps put it in place again. */
async function takeAway(job: Job, state: string): Promise<void> {
  try {
    await job.remove();
  } catch (error) {
    if (isOutage(error) || (await job.getState()) === state) throw error;
  }
}

// Of what has ended, a while is enough to read the answer.
const kept = { age: 3600, count: 1000 };
const closeTimeoutMs = 1500;
const retryMs = 1000;

/** Tries until a server that cannot be reached answers. */
async function patiently<Value>(what: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
  for (;;) {
    try {
      return await what();
    } catch (error) {
      signal.throwIfAborted();
      if (!isOutage(error)) throw error;
      await pause(retryMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
