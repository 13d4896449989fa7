import type { RunEvent, RunListener } from '../../tasks/events.ts';
import { advance, duration, leftText } from '../../text/format.ts';
import { otherCodeWords } from './other-code.ts';
import { follow, newRunState, paceTexts, type RunState } from './run-state.ts';
import { timeLeft } from './time-left.ts';

const progressEveryMs = 30_000;

/**
 * One line for everything that ends and for what instances say; every 30 s how far one is, and all of them: for logs and pipes.
 */
export function plainLines(
  instances: readonly string[],
  write: (line: string) => void,
  now: () => number = Date.now,
  debug = false,
): RunListener {
  const failed = failureText(debug);
  const state = newRunState(instances);
  const lastProgress = new Map<string, number>();
  let lastOfAll: number | undefined;
  return (event) => {
    const at = now();
    follow(state, event, at);
    if (event.type === 'preparing' || event.type === 'started') lastProgress.set(event.instance, at);
    const line = event.type === 'failed' ? failed(event) : lineOf(event);
    if (line !== undefined) write(line);
    if (event.type === 'progress' && at - (lastProgress.get(event.instance) ?? 0) >= progressEveryMs) {
      lastProgress.set(event.instance, at);
      write(progressLine(event, state, at));
    }
    lastOfAll ??= at;
    const left = at - lastOfAll >= progressEveryMs ? timeLeft(state, at) : undefined;
    if (left === undefined) return;
    lastOfAll = at;
    write(`         ${state.finished}/${state.total} instances, about ${leftText(left)}`);
  };
}

function progressLine(
  { instance, progress }: Extract<RunEvent, { type: 'progress' }>,
  state: RunState,
  now: number,
): string {
  const parts = [advance(progress), ...paceTexts(state.running.get(instance), now), progress.note];
  return `         ${instance}: ${parts.filter(Boolean).join(', ')}`;
}

/** Says why instances failed: a reason in full once, then whose reason it was. Where a defect shows is told to `debug`. */
export function failureText(debug: boolean): (event: Extract<RunEvent, { type: 'failed' }>) => string {
  const first = new Map<string, string>();
  return ({ instance, code, text, stack }) => {
    const same = first.get(text);
    if (same !== undefined) return `failed   ${instance}, as ${same} did`;
    first.set(text, instance);
    return `failed   ${instance}\nerror [${code}]: ${text}${debug && stack ? `\n${stack}` : ''}`;
  };
}

/** What must be read of an instance that goes on. */
export function remarkOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'lock':
      return `lock     ${event.path} changed: ${event.changes.join('; ')}`;
    case 'lock-unkept':
      return `lock     ${event.path} is not kept: ${event.reason}`;
    case 'log':
      return `${event.instance}: ${event.line}`;
    case 'waiting':
      return `${event.instance}: another run computes it (${event.heldBy})`;
    case 'retried':
      return `${event.instance}: attempt ${event.attempt} in ${duration(event.waitMs)}, because of [${event.code}]: ${event.text}`;
    case 'damaged':
      return `${event.instance}: is computed again, because what the store held of it is damaged`;
    default:
      return undefined;
  }
}

function lineOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'started':
      return `run      ${event.instance}`;
    case 'cached':
      return `cached   ${event.instance}${event.otherCode ? `, made by other code: ${otherCodeWords(event.otherCode)}` : ''}`;
    case 'done':
      return `done     ${event.instance}  ${duration(event.ms)}`;
    default: {
      const remark = remarkOf(event);
      return remark !== undefined && 'instance' in event ? `         ${remark}` : remark;
    }
  }
}
