import type { Task } from '../tasks/task.ts';
import type { Machine } from './machine.ts';
import { type Share, shareOf } from './shares.ts';

interface Waiting {
  readonly task: Task;
  readonly begin: () => void;
}

/** A task whose turn it is, with its share of the machine until it says that it is done. */
export interface Turn {
  readonly share: Share;
  done(): void;
}

/** Lets tasks begin in the order in which they come, each when its share is free; at most `slots` at once. */
export function turns(
  machine: Machine,
  slots: number,
): { readonly running: () => number; readonly next: (task: Task, signal: AbortSignal) => Promise<Turn> } {
  const running = new Map<Waiting, Share>();
  const waiting: Waiting[] = [];
  const admit = (): void => {
    for (let next = waiting[0]; next && running.size < slots; next = waiting[0]) {
      const share = shareOf(next.task, machine, [...running.values()]);
      if (!share) return;
      waiting.shift();
      running.set(next, share);
      next.begin();
    }
  };
  const turn = (task: Task, signal: AbortSignal): Promise<Waiting> =>
    new Promise((resolve, reject) => {
      const entry: Waiting = {
        task,
        begin() {
          signal.removeEventListener('abort', giveUp);
          resolve(entry);
        },
      };
      const giveUp = (): void => {
        waiting.splice(waiting.indexOf(entry), 1);
        reject(signal.reason);
      };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.push(entry);
      admit();
    });
  return {
    running: () => running.size,
    async next(task, signal) {
      const entry = await turn(task, signal);
      return {
        share: running.get(entry)!,
        done() {
          running.delete(entry);
          admit();
        },
      };
    },
  };
}
