import { createHash } from 'node:crypto';
import { type Numerics, StudyError } from '@espalier/core';
import type { Executor, ExecutorSettings, TaskOutputs, TaskWatcher } from '@espalier/runner';
import { type Answer, classOf, queueName, type ResourceClass } from './job.ts';
import { type Asker, Jobs } from './jobs.ts';
import { once } from './once.ts';
import { outages } from './outages.ts';
import { counting } from './presence.ts';
import { type Server, serverAt } from './server.ts';
import { silenceMs } from './silence.ts';

// The most tasks that one run has in the queues at once.
const slots = 256;
const firstAnswerMs = 5000;

/**
 * Hands tasks to the workers that serve the same store (`espalier worker`), through a Redis or PostgreSQL server. A server
 * that goes away is waited for.
 *
 * @throws StudyError `core/options-invalid` without a URL of a known kind; `engine/unavailable` when no server answers
 */
export async function createExecutor({ url, storeId }: ExecutorSettings): Promise<Executor> {
  let lastTrouble = '';
  const logs = new Set<(line: string) => void>();
  const outage = outages(({ message }) => {
    for (const log of logs) log(`The server of the queues does not answer (${message}); waiting for it.`);
  });
  const server = serverAt(url, (error) => {
    lastTrouble = error.message;
    outage.heard(error);
  });
  const silence = silenceMs();
  await reach(server, storeId, () => lastTrouble);
  const waiter = counting(server.presence.waiter());
  const queues = new Map<string, Jobs>();
  const jobs = (what: ResourceClass | 'questions'): Jobs => {
    const found = queues.get(what) ?? new Jobs(server, waiter, queueName(what, storeId), silence);
    queues.set(what, found);
    return found;
  };
  const closing = new AbortController();
  return {
    name: 'bullmq',
    slots,
    async run(task, watcher): Promise<TaskOutputs> {
      const what = classOf(task);
      const asker = askerFor(watcher, what, outage.over);
      logs.add(watcher.log);
      try {
        const answer = await jobs(what).ask(task.key, { type: 'task', task }, asker);
        outage.over();
        if (answer.type === 'done') return answer.outputs;
        throw unexpected(answer);
      } finally {
        logs.delete(watcher.log);
      }
    },
    async numericsOf(model, place): Promise<Numerics> {
      const request = { type: 'numerics', model, place } as const;
      const id = `numerics-${createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 32)}`;
      const noWorker = once(() => process.stderr.write(`${needsWorker('cpu')}\n`));
      const answer = await jobs('questions').ask(id, request, { signal: closing.signal, hear() {}, noWorker });
      if (answer.type === 'numerics') return answer.numerics;
      throw unexpected(answer);
    },
    async close() {
      closing.abort();
      await Promise.all([...queues.values()].map((each) => each.close()));
      await waiter.close();
    },
  };
}

/** Passes on what a worker tells of a task to whoever watches it. */
function askerFor(watcher: TaskWatcher, what: ResourceClass, answered: () => void): Asker {
  let begun: string | undefined;
  return {
    signal: watcher.signal,
    hear({ host, pid, progress, lines = [], memory }) {
      answered();
      const where = `${host} ${pid}`;
      if (begun !== where) watcher.started({ host, pid });
      begun = where;
      if (progress) watcher.progress(progress);
      for (const line of lines) watcher.log(line);
      if (memory !== undefined) watcher.memory(memory);
    },
    noWorker: once(() => watcher.log(needsWorker(what))),
  };
}

function unexpected(answer: Answer): Error {
  if (answer.type === 'failed') {
    const { code, text, transient = false } = answer.failure;
    return new StudyError(code, text, { transient });
  }
  return new StudyError(
    'runner/worker-lost',
    `A worker gave an answer of another kind: ${answer.type}. Start it again.`,
  );
}

function needsWorker(what: ResourceClass): string {
  return (
    `No worker takes tasks of this store${what === 'gpu' ? ' that need GPUs' : ''}. Start one on a machine that sees it:  ` +
    'espalier worker --url <the same> --store <the same folder>'
  );
}

/** @throws StudyError when no server answers in time */
async function reach(server: Server, storeId: string, trouble: () => string): Promise<void> {
  const queue = server.queue(queueName('cpu', storeId));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(trouble() || `no answer in ${firstAnswerMs / 1000} s`)), firstAnswerMs);
  });
  try {
    await Promise.race([queue.waitUntilReady(), late]);
  } catch (cause) {
    const reason = trouble() || (cause instanceof Error ? cause.message : String(cause));
    throw new StudyError(
      'engine/unavailable',
      `The server of the queues cannot be reached: ${reason}. Start it, or correct --url or ESPALIER_EXECUTOR_URL.`,
    );
  } finally {
    clearTimeout(timer);
    await Promise.race([queue.close().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 1000))]);
  }
}
