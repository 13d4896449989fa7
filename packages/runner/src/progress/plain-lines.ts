import type { RunEvent, RunListener } from '../events.ts';
import { duration } from './format.ts';

/** One line for everything that ends, and for what instances say: for logs and pipes. */
export function plainLines(write: (line: string) => void): RunListener {
  const failed = failureText();
  return (event) => {
    const line = event.type === 'failed' ? failed(event) : lineOf(event);
    if (line !== undefined) write(line);
  };
}

/** Says why instances failed: a reason in full once, then whose reason it was. */
export function failureText(): (event: Extract<RunEvent, { type: 'failed' }>) => string {
  const first = new Map<string, string>();
  return ({ instance, code, text }) => {
    const same = first.get(text);
    if (same !== undefined) return `failed   ${instance}, as ${same} did`;
    first.set(text, instance);
    return `failed   ${instance}\nerror [${code}]: ${text}`;
  };
}

function lineOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'started':
      return `run      ${event.instance}`;
    case 'log':
      return `         ${event.instance}: ${event.line}`;
    case 'cached':
      return `cached   ${event.instance}`;
    case 'done':
      return `done     ${event.instance}  ${duration(event.ms)}`;
    default:
      return undefined;
  }
}
