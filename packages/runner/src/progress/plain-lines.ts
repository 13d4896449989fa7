import type { RunEvent, RunListener } from '../events.ts';
import { duration } from './format.ts';

/** One line for everything that ends, and for what instances say: for logs and pipes. */
export function plainLines(write: (line: string) => void): RunListener {
  return (event) => {
    const line = lineOf(event);
    if (line !== undefined) write(line);
  };
}

/** How an event reads as a line; undefined for those that are not worth one. */
export function lineOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'started':
      return `run      ${event.instance}`;
    case 'log':
      return `         ${event.instance}: ${event.line}`;
    case 'cached':
      return `cached   ${event.instance}`;
    case 'done':
      return `done     ${event.instance}  ${duration(event.ms)}`;
    case 'failed':
      return `failed   ${event.instance}\nerror [${event.code}]: ${event.text}`;
    default:
      return undefined;
  }
}
