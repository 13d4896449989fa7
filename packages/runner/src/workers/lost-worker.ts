import { readFileSync } from 'node:fs';
import { StudyError } from '@espalier/core';
import { errorOf } from '../tasks/failure.ts';
import { memory } from '../text/format.ts';
import { withoutFrames } from './stack-frames.ts';

/** How a worker process ended while it ran a task. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly killedBy: string | null;
  /** The end of what it printed. */
  readonly stderrTail: string;
  readonly memoryLimit: number | null;
  /** Its memory when it was killed for it; 0 when it was not. */
  readonly tooMuch: number;
  /** What {@link failedMemoryChecks} said when the task began. */
  readonly checksBefore: number;
}

/** How often this system has killed a process for want of memory; 0 where it does not tell. */
export function failedMemoryChecks(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** The error of a task whose process has ended without a result. */
export function lostWorker(end: WorkerEnd, checksNow = failedMemoryChecks()): StudyError {
  const { code, killedBy, stderrTail, memoryLimit, tooMuch, checksBefore } = end;
  if (tooMuch > 0 && memoryLimit !== null) {
    return new StudyError(
      'runner/out-of-memory',
      `It took ${memory(tooMuch)} of memory, more than the ${memory(memoryLimit)} that "resources" gives it, and was stopped. ` +
        'Raise "memory", or make its work smaller (fewer images, a smaller batch).',
    );
  }
  if (killedBy === 'SIGKILL' && checksNow > checksBefore) {
    return new StudyError(
      'runner/out-of-memory',
      'The machine ran out of memory, and the system stopped its process. Run fewer instances at once (--jobs), declare ' +
        'its "resources": { "memory" } so that it gets the room, or make its work smaller.',
    );
  }
  if (stderrTail.includes('JavaScript heap out of memory')) {
    return new StudyError(
      'runner/out-of-memory',
      "Its JavaScript heap was full, and its process ended. Make its work smaller, or raise Node's limit with " +
        'NODE_OPTIONS=--max-old-space-size=<MiB>.',
    );
  }
  const how = killedBy ? `was ended by ${killedBy}` : `ended with the exit code ${code}`;
  const plain = withoutFrames(stderrTail).trim();
  const words = plain === '' ? 'It printed nothing.' : `The last that it printed:\n${plain}`;
  const text = `Its process ${how} before there was a result. ${words}`;
  return errorOf({ code: 'runner/worker-lost', text, ...(plain !== stderrTail && { stack: stderrTail }) });
}
