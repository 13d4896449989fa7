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
  readonly alone: () => void;
}

/** One queue, as those see it who wait for its jobs. */
export interface Jobs {
  /**
   * Puts a request into the queue, unless another run has, and waits for its answer. What a server has lost is put there
   * again.
   *
   * @throws the signal's reason, at once; a job that waits is then removed, one that runs is stopped
   */
  ask(id: string, request: Request, asker: Asker): Promise<Answer>;
  close(): Promise<void>;
}

// Events tell at once. Looking makes up for those that a broken connection swallowed.
const lookEveryMs = 3000;
const takenBackMs = 200;

/** @param silenceMs workers stop what nobody has asked for during that time */
export function jobsOf(server: Server, waiter: Waiter, name: string, silenceMs: number): Jobs {
  const queue: Queue = server.queue(name);
  const events: QueueEvents = server.events(name);
  const me = randomBytes(6).toString('hex');
  const followers = new Map<string, { look(): void; hear(told: Told): void }>();
  const leaving = new Set<Promise<unknown>>();
  events.on('completed', ({ jobId }) => followers.get(jobId)?.look());
  events.on('failed', ({ jobId }) => followers.get(jobId)?.look());
  events.on('progress', ({ jobId, data }) => {
    if (isTold(data)) followers.get(jobId)?.hear(data);
  });

  /** Puts a job in place; one of an earlier run is joined while it runs, and taken away when it has ended. */
  const put = async (id: string, data: JobData, signal: AbortSignal): Promise<Job<JobData>> => {
    for (;;) {
      signal.throwIfAborted();
      const there: Job<JobData> | undefined = await queue.getJob(id);
      if (!there) return queue.add('espalier', data, { jobId: id, removeOnComplete: kept, removeOnFail: kept });
      const state = await there.getState();
      const hasEnded = state === 'completed' || state === 'failed';
      if (hasEnded || (there.data.cancelled && state === 'waiting')) await takeAway(there, state);
      else if (!there.data.cancelled) return there;
      else await pause(takenBackMs, undefined, { signal });
    }
  };

  const once = async (id: string, request: Request, { signal, hear, alone }: Asker): Promise<Answer | undefined> => {
    let beats = 0;
    const data = (): JobData => ({ request, beat: `${me}-${beats++}` });
    const job = await put(id, data(), signal);
    return new Promise<Answer | undefined>((resolve, reject) => {
      const end = (settle: () => void): void => {
        for (const timer of [looks, beat]) clearInterval(timer);
        signal.removeEventListener('abort', giveUp);
        followers.delete(id);
        settle();
      };
      const look = async (): Promise<void> => {
        const now: Job<JobData> | undefined = await queue.getJob(id);
        const state = now && (await now.getState());
        if (!now || state === 'unknown') return end(() => resolve(undefined));
        if (state === 'completed') {
          // It was read before it had ended; by now another run may have put it in place again.
          const ended: Job<JobData> | undefined = await queue.getJob(id);
          return end(() => resolve(ended?.finishedOn ? answerIn(ended.returnvalue) : undefined));
        }
        const isLost = state === 'waiting' && now.stalledCounter > 0;
        if (isLost) await now.remove();
        if (isLost || state === 'failed') return end(() => resolve(lostAnswer(now)));
        if (state === 'active') return isTold(now.progress) ? hear(now.progress) : undefined;
        if ((await queue.getWorkersCount()) === 0) alone();
      };
      // A server that does not answer is asked again: connections mend themselves.
      const tryTo = (what: () => Promise<unknown>) => () => void what().catch(() => {});
      const looks = setInterval(tryTo(look), lookEveryMs);
      const beat = setInterval(
        tryTo(() => job.updateData(data())),
        silenceMs / 4,
      );
      const giveUp = (): void => {
        const left = leave(id).catch(() => {}); // its worker notices that nobody asks any more
        leaving.add(left);
        void left.finally(() => leaving.delete(left));
        end(() => reject(signal.reason));
      };
      followers.set(id, { look: tryTo(look), hear });
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
      else tryTo(look)();
    });
  };

  const leave = async (id: string): Promise<void> => {
    const job: Job<JobData> | undefined = await queue.getJob(id);
    if (!job) return;
    const state = await job.getState();
    if (state === 'waiting') await job.remove().catch(() => job.updateData({ ...job.data, cancelled: true }));
    else if (state === 'active') await job.updateData({ ...job.data, cancelled: true });
  };

  return {
    async ask(id, request, asker) {
      waiter.wait(waitName(name, id));
      try {
        for (;;) {
          const answer = await patiently(() => once(id, request, asker), asker.signal);
          if (answer && answer.type !== 'stopped') return answer;
        }
      } finally {
        // Not before it is cancelled: that is the gentler end.
        void Promise.all(leaving).then(() => waiter.letGo(waitName(name, id)));
      }
    },
    async close() {
      await Promise.race([Promise.all(leaving), pause(lastWordsMs)]);
      await Promise.race([Promise.all([queue.close(), events.close()]), pause(lastWordsMs)]);
    },
  };
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
const lastWordsMs = 1500;
const againMs = 1000;

/** Tries until a server that cannot be reached answers. */
async function patiently<Value>(what: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
  for (;;) {
    try {
      return await what();
    } catch (error) {
      signal.throwIfAborted();
      if (!isOutage(error)) throw error;
      await pause(againMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
