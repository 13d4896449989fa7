import { Writable } from 'node:stream';
import type { Streams } from './streams.ts';

/** Lines at the end of a terminal that are drawn again in place. */
export interface LiveLines {
  draw(lines: readonly string[]): void;
  /** Takes them back, for lines that stay. */
  clear(): void;
}

/** Lines that log-update draws on a terminal. @param shown what of a text may be seen there */
export async function liveLines(terminal: Streams, shown: (text: string) => string): Promise<LiveLines> {
  const { createLogUpdate } = await import('log-update'); // only a terminal waits for it
  const stream = new Writable({
    write(text, _encoding, done) {
      terminal.write(String(text));
      done();
    },
  });
  // Asked each time: a window may change its size.
  Object.defineProperties(stream, { columns: { get: () => terminal.columns }, rows: { get: () => terminal.rows } });
  const update = createLogUpdate(stream, { showCursor: true });
  return {
    draw: (lines) => update(lines.map(shown).join('\n')),
    clear: () => update.clear(),
  };
}
