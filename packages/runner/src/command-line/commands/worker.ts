import { hostname } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { StudyError } from '@espalier/core';
import { learnSecrets } from '@espalier/secrets';
import type { Store } from '@espalier/store';
import { openStore, storeLocation } from '../../plugins/open-store.ts';
import { thisMachinesExecutor } from '../../services/container.ts';
import type { TaskPlace } from '../../tasks/task.ts';
import { loadServing } from '../../workers/executor-package.ts';
import { thisMachine } from '../../workers/machine.ts';
import { performer } from '../../workers/serving.ts';
import { onInterrupt } from './interruption.ts';
import type { Output } from './output.ts';

export interface WorkerFlags {
  readonly executor: string;
  readonly url?: string;
  readonly store: string;
  readonly jobs?: number;
  readonly in?: string;
  readonly resources?: readonly ('cpu' | 'gpu')[];
}

/** Runs tasks of runs on other machines until it is interrupted; returns the exit code. */
export async function workerCommand(
  flags: WorkerFlags,
  output: Output,
  interruption: AbortController,
): Promise<number> {
  if (flags.url !== undefined) learnSecrets([flags.url]);
  const machine = thisMachine();
  const jobs = flags.jobs ?? machine.cores;
  const offered = flags.resources ?? (machine.gpus.length > 0 ? ['cpu', 'gpu'] : ['cpu']);
  const store = await openStore(storeLocation(flags.store));
  const serve = await loadServing(flags.executor, resolve(flags.in ?? '.'));
  const executor = thisMachinesExecutor(store, jobs);
  const placed = <Place extends TaskPlace>(place: Place): Place =>
    flags.in === undefined
      ? inKnownFolder(place, store)
      : { ...place, folder: resolve(flags.in), cacheFolder: join(resolve(flags.in), '.espalier/cache') };
  const stop = onInterrupt(() => {
    output.write('\nStopping; what runs goes back to the queue. Press Ctrl-C again to stop at once.\n');
    interruption.abort();
  });
  try {
    await serve({
      url: flags.url,
      storeId: await store.id(),
      slots: {
        cpu: offered.includes('cpu') ? jobs : 0,
        gpu: offered.includes('gpu') ? Math.min(jobs, Math.max(1, machine.gpus.length)) : 0,
      },
      ...performer({ executor, store, machine: hostname(), placed }),
      signal: interruption.signal,
      log: (line) => output.write(`${line}\n`),
    });
    return 0;
  } finally {
    stop();
    await executor.close();
  }
}

// Whoever writes to the queue could name any folder of this machine, and have code run that lies there.
function inKnownFolder<Place extends TaskPlace>(place: Place, store: Store): Place {
  const folder = resolve(place.folder);
  const way = relative(process.cwd(), folder);
  const isHere = way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
  if (isHere || folder === dirname(dirname(store.folder))) return place;
  throw new StudyError(
    'core/plugin-invalid',
    `The study of the task is in ${folder}, which this worker was not started for. Start it there, or say with --in where the study's folder is on this machine.`,
  );
}
