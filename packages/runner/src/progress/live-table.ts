import type { RunListener } from '../events.ts';
import { duration, memory } from './format.ts';
import { failureText } from './plain-lines.ts';
import { follow, newRunState, pace, type RunState } from './run-state.ts';

/** What the table needs of a terminal. */
export interface Terminal {
  readonly columns?: number;
  write(text: string): unknown;
}

const redrawEveryMs = 100;

/** A table by node that is drawn again in place, over the lines that stay. */
export function liveTable(
  instances: readonly string[],
  terminal: Terminal,
  now: () => number = Date.now,
): { readonly listener: RunListener; close(): void } {
  const state = newRunState(instances);
  const failed = failureText();
  let drawn = 0;
  let lastDraw = 0;
  const clear = (): void => {
    if (drawn > 0) terminal.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  const draw = (): void => {
    clear();
    const lines = tableLines(state, now(), terminal.columns ?? 80);
    terminal.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
    lastDraw = now();
  };
  const timer = setInterval(draw, 1000);
  timer.unref();
  return {
    listener(event) {
      follow(state, event, now());
      if (event.type === 'failed') {
        clear();
        terminal.write(`${failed(event)}\n`);
      }
      if (event.type === 'log') {
        clear();
        terminal.write(`${event.instance}: ${event.line}\n`);
      }
      if (event.type === 'run-finished') {
        clearInterval(timer);
        clear(); // the summary says it all again, for good
      } else if (now() - lastDraw >= redrawEveryMs) draw();
    },
    close: () => clearInterval(timer),
  };
}

/** The table as lines no wider than `columns`: a row per node, then what is running. */
export function tableLines(state: RunState, now: number, columns: number): readonly string[] {
  const width = Math.max(...[...state.nodes.keys()].map((name) => name.length), 4);
  const rows = [...state.nodes].map(([name, { done, cached, failed, skipped, total, ms }]) => {
    const remarks = [
      cached > 0 && `${cached} cached`,
      failed > 0 && `${failed} failed`,
      skipped > 0 && `${skipped} skipped`,
      ms > 0 && duration(ms),
    ].filter(Boolean);
    const ended = done + cached + failed + skipped;
    const mark = failed > 0 ? '!' : ended === total ? '+' : state.current?.instance.split('[')[0] === name ? '>' : ' ';
    return `${mark} ${name.padEnd(width)}  ${`${ended}/${total}`.padStart(9)}  ${remarks.join(', ')}`;
  });
  return [...rows, currentLine(state, now)].map((line) => line.slice(0, columns - 1));
}

function currentLine(state: RunState, now: number): string {
  const used = memory(process.memoryUsage.rss());
  const { current, finished, total } = state;
  if (!current) return `${finished}/${total}  ${used}`;
  const { progress, instance, since } = current;
  const speed = pace(state, now);
  const parts = [
    `${finished}/${total}`,
    instance,
    progress && `${progress.done}/${progress.total} ${progress.unit}`,
    speed && `${speed.perSecond.toFixed(speed.perSecond < 10 ? 1 : 0)}/s`,
    speed && `${duration(Math.ceil(speed.leftMs / 1000) * 1000)} left`,
    !progress && duration(now - since),
    progress?.note,
    used,
  ];
  return parts.filter(Boolean).join('  ');
}
