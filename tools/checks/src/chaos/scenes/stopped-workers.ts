import { setTimeout as pause } from 'node:timers/promises';
import { type RecordedEvent, recordedEvents } from '../history.ts';
import { type Program, signal, startEspalier } from '../program.ts';
import { noRedis, startRedis } from '../redis.ts';
import { standardPlaces } from '../results.ts';
import { mustEnd, type Stage, until } from '../stage.ts';
import { boundMs, type Scene } from './scene.ts';

// How long a worker may be silent before its lease counts as lost; a second is the shortest that the executor takes.
const leaseSeconds = 2;
const workerCount = 3;

/**
 * A run on a queue with three workers. Two of them are stopped in the middle of an instance for longer than their lease,
 * one with the processes that compute and one without; others take over, and then the two go on.
 */
export const stoppedWorkers: Scene = {
  name: 'two of three workers are stopped past their lease',
  missing: noRedis,
  trainsTwice: true,
  async play(stage, study) {
    const redis = await startRedis(study);
    const environment = { ESPALIER_EXECUTOR_URL: redis.url, ESPALIER_BULLMQ_SILENCE: String(leaseSeconds) };
    const places = standardPlaces(study);
    const serve = ['worker', '--store', places.store, '--jobs', '1'];
    const workers = Array.from({ length: workerCount }, () => startEspalier(serve, { folder: study, environment }));
    try {
      const flags = ['--executor', 'bullmq', ...withoutJobs(stage.flags)];
      const run = startEspalier(['run', 'study.json', ...flags], { folder: study, environment });
      await Promise.race([stopTwo(workers, places.runs, stage), run.ended]);
      await mustEnd(run, boundMs(stage));
      const retried = recordedEvents(places.runs).filter(({ type }) => type === 'retried').length;
      if (retried < 2) throw new Error(`Expected two instances to be taken over, found ${retried}:\n${run.output()}`);
      for (const worker of workers) worker.signal('SIGINT');
      for (const worker of workers) await mustEnd(worker, 30_000);
    } finally {
      for (const worker of workers) worker.signal('SIGKILL');
      redis.stop();
    }
    return places;
  },
};

/** Stops two workers that compute, until both instances were taken over, and lets them go on. */
async function stopTwo(workers: readonly Program[], runs: string, stage: Stage): Promise<void> {
  let victims: readonly Program[] = [];
  const chosen = (): boolean => {
    const computing = new Set(runningPids(recordedEvents(runs)));
    victims = workers.filter((worker) => worker.workers().some((pid) => computing.has(pid))).slice(0, 2);
    return victims.length === 2;
  };
  await until('two workers compute at once', chosen, boundMs(stage));
  const [whole, alone] = victims as [Program, Program];
  const processes = whole.workers();
  for (const worker of [whole, alone]) worker.signal('SIGSTOP');
  for (const pid of processes) signal(pid, 'SIGSTOP');
  try {
    await pause(leaseSeconds * 1500);
    const takenOver = (): boolean => recordedEvents(runs).filter(({ type }) => type === 'retried').length >= 2;
    await until('both instances are taken over', takenOver, boundMs(stage));
  } finally {
    for (const pid of processes) signal(pid, 'SIGCONT');
    for (const worker of [whole, alone]) worker.signal('SIGCONT');
  }
}

/** Processes of the instances that have been started and have not ended. */
function runningPids(events: readonly RecordedEvent[]): readonly number[] {
  const running = new Map<string, number>();
  for (const { type, instance = '', pid } of events) {
    if (type === 'started' && pid !== undefined) running.set(instance, pid);
    else if (type === 'done' || type === 'failed' || type === 'retried') running.delete(instance);
  }
  return [...running.values()];
}

// How many instances run at once is what the workers say.
function withoutJobs(flags: readonly string[]): readonly string[] {
  const at = flags.indexOf('--jobs');
  return at < 0 ? flags : [...flags.slice(0, at), ...flags.slice(at + 2)];
}
