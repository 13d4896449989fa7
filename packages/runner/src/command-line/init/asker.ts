import { createInterface } from 'node:readline/promises';
import type { Streams } from '../commands/streams.ts';
import type { Ask } from './init-choices.ts';

/** Asks the person at the terminal; undefined where there is none. */
export function asker({ isTerminal }: Pick<Streams, 'isTerminal'>): Ask | undefined {
  if (!isTerminal || !process.stdin.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    try {
      return await lines.question(question);
    } finally {
      lines.close();
    }
  };
}
