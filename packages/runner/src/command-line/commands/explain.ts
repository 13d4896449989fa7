import { StudyError } from '@espalier/core';
import { CommanderError } from 'commander';
import { type Output, outputTo } from './output.ts';

/** 0 done, 1 something failed, 2 what was asked is not valid, 130 interrupted. */
export type ExitCode = number;

/** Says what went wrong on `output`; returns the exit code. */
export function explain(error: unknown, debug: boolean, output: Output): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed it
  if (StudyError.is(error)) {
    output.writeError(
      `error [${error.code}]: ${error.message}\n${debug ? `${framesOf(error)}\n${causesOf(error)}` : ''}`,
    );
    return invalidInput.has(error.code) ? 2 : 1;
  }
  const text = error instanceof Error ? (debug && error.stack) || error.message || error.name : String(error);
  output.writeError(
    `error [internal]: ${text}\nThis is a defect of Espalier or of a plugin. --debug shows where it comes from.\n`,
  );
  return 1;
}

// A stack begins with the message, which has been printed.
function framesOf({ name, message, stack = '' }: Error): string {
  const head = message === '' ? name : `${name}: ${message}`;
  return stack.startsWith(head) ? stack.slice(head.length + 1) : stack;
}

const mostCauses = 8;

function causesOf({ cause }: Error): string {
  const lines: string[] = [];
  for (let next = cause; next instanceof Error && lines.length < mostCauses; next = next.cause)
    lines.push(`caused by ${next.stack ?? next.message}\n`);
  return lines.join('');
}

const invalidInput: ReadonlySet<string> = new Set([
  'study/invalid',
  'study/unreadable',
  'core/options-invalid',
  'study/profile-unknown',
  'study/instance-unknown',
  'runner/init-invalid',
  'runner/run-unknown',
  'runner/run-unfinished',
  'runner/run-without-report',
  'runner/results-unclear',
  'analysis/results-invalid',
  'analysis/results-format',
  'runner/lock-invalid',
  'runner/plugin-not-found',
  'runner/recipe-not-found',
  'core/plugin-invalid',
]);

/**
 * Explains also what nothing has caught, and ends the process with it, in place of Node, which would print its stack. For the
 * program itself: a host has its own listeners.
 */
export function explainCrashes(argv: readonly string[]): void {
  const debug = argv.includes('--debug');
  const end = (error: unknown): void => {
    try {
      const write = (text: string): void => void process.stderr.write(text);
      process.exitCode = explain(
        error,
        debug,
        outputTo({ isTerminal: false, columns: 80, write, writeError: write }, debug),
      );
    } finally {
      process.exit(process.exitCode ?? 1);
    }
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}
