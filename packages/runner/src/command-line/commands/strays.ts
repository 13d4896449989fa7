import { StringDecoder } from 'node:string_decoder';
import { terminalText } from '@espalier/secrets';
import type { Sink } from './streams.ts';

type Done = (error?: Error | null) => void;

/** As much of a stream of the process as is taken over. */
export interface Printed extends Sink {
  write(chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean;
}

const known = new WeakMap<Printed, Sink>();

/**
 * The stream for what this program itself writes. Whatever else is written to it from then on was printed by the code of a
 * package, which may print anything: it goes to `elsewhere`, line by line, as a terminal may have it. What native code writes is
 * not seen.
 */
export function keptForOwn(stream: Printed, elsewhere: (text: string) => void): Sink {
  const found = known.get(stream);
  if (found) return found;
  const write = stream.write.bind(stream);
  const own: Sink = { write: (text) => write(text), on: (event, hear) => stream.on(event, hear) };
  known.set(stream, own);
  const lines = cleanLines(elsewhere);
  process.once('exit', lines.flush);
  stream.write = (chunk, encoding, done) => {
    const coding = typeof encoding === 'string' ? encoding : 'utf8';
    lines.add(typeof chunk === 'string' ? Buffer.from(chunk, coding) : chunk);
    const after = typeof encoding === 'function' ? encoding : done;
    if (after) process.nextTick(after);
    return true;
  };
  return own;
}

// A secret may come in pieces, and a line may have no end.
const longestLine = 2 ** 16;

/** Passes on whole lines, cleaned. */
function cleanLines(pass: (text: string) => void): { add(bytes: Uint8Array): void; flush(): void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const flush = (): void => {
    if (rest !== '') pass(`${terminalText(rest)}\n`);
    rest = '';
  };
  return {
    add(bytes) {
      rest += decoder.write(Buffer.from(bytes));
      const end = rest.lastIndexOf('\n') + 1;
      if (end > 0) pass(terminalText(rest.slice(0, end)));
      rest = rest.slice(end);
      if (rest.length > longestLine) flush();
    },
    flush,
  };
}
