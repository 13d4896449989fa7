import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { terminalJson, terminalText } from '@espalier/secrets';
import { withoutFrames } from '../../workers/stack-frames.ts';
import { type LiveLines, liveLines } from './live-lines.ts';
import { keptForOwn } from './strays.ts';
import type { Sink, Streams } from './streams.ts';

/** Where a command writes. Nothing reaches a person in another way: texts come there without secrets and control characters. */
export interface Output extends Streams {
  /** Whether somebody looks for defects: only then stacks are shown. */
  readonly debug: boolean;
  /** Writes a value as JSON and ends the line. */
  readonly writeJson: (value: unknown, indent?: number) => void;
  /** Lines of a terminal that are drawn again in place. */
  readonly live: () => Promise<LiveLines>;
}

/** Writes to `streams` what may be seen there. */
export function outputTo(streams: Streams, debug = false): Output {
  const shown = (text: string): string => terminalText(debug ? text : withoutFrames(text));
  return {
    debug,
    get isTerminal() {
      return streams.isTerminal;
    },
    get columns() {
      return streams.columns;
    },
    get rows() {
      return streams.rows;
    },
    ...(streams.trouble && { trouble: streams.trouble }),
    write: (text) => streams.write(shown(text)),
    writeError: (text) => streams.writeError(shown(text)),
    writeJson: (value, indent) => streams.write(`${terminalJson(debug ? value : withoutStacks(value), indent)}\n`),
    live: () => liveLines(streams, shown),
  };
}

function withoutStacks(value: unknown): unknown {
  const plain = JSON.stringify(value, (key, item: unknown) => {
    if (key === 'stack') return undefined;
    return typeof item === 'string' ? withoutFrames(item) : item;
  });
  return JSON.parse(plain);
}

/**
 * The process's own streams. What becomes of them, of their disks and terminals, ends nothing but what is shown. What packages
 * print beside goes to standard error, without secrets: standard output may be read by a program.
 */
export function standardOutput(): Streams {
  const { stdout, stderr } = process;
  const told: ReturnType<typeof forgiving> = forgiving(keptForOwn(stderr, (text) => told.write(text)));
  const shown = forgiving(keptForOwn(stdout, told.write));
  outliveTerminal();
  return {
    isTerminal: stdout.isTTY === true,
    // Read each time: a window may change its size.
    get columns() {
      return stdout.columns ?? 80;
    },
    get rows() {
      return stdout.rows;
    },
    write: shown.write,
    writeError: told.write,
    trouble: shown.trouble,
  };
}

/**
 * Writes to a stream that may fail at any time: its terminal closed (EIO), its disk full (ENOSPC), its reader gone (EPIPE). A
 * later text is tried again, for a disk may have room by then.
 */
export function forgiving(sink: Sink): Required<Pick<Streams, 'write' | 'trouble'>> {
  let first: NodeJS.ErrnoException | undefined;
  const hear = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') first ??= error; // `espalier plan … | head` has seen what it wanted
  };
  sink.on('error', hear);
  return {
    write(text) {
      try {
        sink.write(text);
      } catch (error) {
        hear(error as NodeJS.ErrnoException); // streams throw nothing else
      }
    },
    async trouble() {
      await nextTurn(); // a stream tells of its errors only then
      return first;
    },
  };
}

/**
 * The exit code of a command that has ended with `code`, of which not all was shown. What a run shows is in its record; a plan
 * that is only half there must not pass for one.
 */
export async function codeAfterTrouble(
  code: number,
  isRecorded: boolean,
  { trouble, writeError }: Pick<Output, 'trouble' | 'writeError'>,
): Promise<number> {
  const error = await trouble?.();
  if (!error) return code;
  const reason = `What was printed has not all arrived (${error.message}).`;
  if (isRecorded) writeError(`${reason} The record of the run has everything: espalier show latest\n`);
  else writeError(`error [runner/output-lost]: ${reason} Print it to a place that has room, and start again.\n`);
  return isRecorded ? code : Math.max(code, 1);
}

/** Whether somebody sees on a terminal what this process writes. */
export function hasTerminal(): boolean {
  return isatty(1) || isatty(2);
}

function outliveTerminal(): void {
  // Node makes nothing of the SIGHUP that nohup had ignored; whoever writes to no terminal shall not end with one.
  if (!hasTerminal()) process.on('SIGHUP', () => {});
  const terminals = [0, 1, 2].filter((file) => isatty(file));
  // Node aborts at its end when it cannot put a terminal back into its first state.
  process.on('exit', () => {
    for (const file of terminals.filter((each) => !isatty(each))) {
      closeSync(file);
      openSync(devNull, 'r+'); // takes the number that has just become free
    }
  });
}
