import type { RunListener } from '../../tasks/events.ts';
import { advance, counted, duration, leftText, memory, nodeOf } from '../../text/format.ts';
import type { LiveLines } from '../commands/live-lines.ts';
import type { Streams } from '../commands/streams.ts';
import { failureText, remarkOf } from './plain-lines.ts';
import { type Current, follow, newRunState, paceTexts, type RunState } from './run-state.ts';
import { timeLeft } from './time-left.ts';

/** What the table needs of a terminal. */
type Terminal = Partial<Pick<Streams, 'columns' | 'rows'>> & Pick<Streams, 'write'>;

const redrawEveryMs = 100;

/** A table by node that is drawn again in place, over the lines that stay. */
export function liveTable(
  instances: readonly string[],
  terminal: Terminal,
  live: LiveLines,
  now: () => number = Date.now,
  debug = false,
): { readonly listener: RunListener; close(): void } {
  const state = newRunState(instances);
  const failed = failureText(debug);
  let lastDraw = 0;
  const draw = (): void => {
    live.draw(tableLines(state, now(), { columns: terminal.columns ?? 80, rows: terminal.rows }));
    lastDraw = now();
  };
  const timer = setInterval(draw, 1000);
  timer.unref();
  return {
    listener(event) {
      follow(state, event, now());
      const line = event.type === 'failed' ? failed(event) : remarkOf(event);
      if (line !== undefined) {
        live.clear();
        terminal.write(`${line}\n`);
      }
      if (event.type === 'run-finished') {
        clearInterval(timer);
        live.clear(); // the summary says it all again, for good
      } else if (now() - lastDraw >= redrawEveryMs) draw();
    },
    close: () => clearInterval(timer),
  };
}

/**
 * The table as lines no wider than `columns`: a row per node, then what is running. Where that is more than fits into `rows`,
 * nodes that have ended or have not begun are only counted.
 */
export function tableLines(
  state: RunState,
  now: number,
  { columns, rows = Number.POSITIVE_INFINITY }: { readonly columns: number; readonly rows?: number | undefined },
): readonly string[] {
  const width = Math.max(...[...state.nodes.keys()].map((name) => name.length), 4);
  const busy = new Set([...state.running.keys()].map(nodeOf));
  const nodes = [...state.nodes].map(([name, { done, cached, failed, skipped, total, ms }]) => {
    const remarks = [
      cached > 0 && `${cached} cached`,
      failed > 0 && `${failed} failed`,
      skipped > 0 && `${skipped} skipped`,
      ms > 0 && duration(ms),
    ].filter(Boolean);
    const ended = done + cached + failed + skipped;
    const mark = failed > 0 ? '!' : ended === total ? '+' : busy.has(name) ? '>' : ' ';
    const begun = ended > 0 ? 'begun' : 'waiting';
    const phase = mark === '+' ? 'done' : mark === ' ' ? begun : 'busy';
    return { phase, line: `${mark} ${name.padEnd(width)}  ${`${ended}/${total}`.padStart(9)}  ${remarks.join(', ')}` };
  });
  const running = [...state.running.values()].map((current) => currentLine(current, now));
  // The cursor stands below the last line.
  const room = rows - 1 - running.length - 1;
  const lines = [...folded(nodes, room), ...running, totalLine(state, now)];
  return lines.slice(-Math.max(1, rows - 1)).map((line) => line.replaceAll(/\s/g, ' ').slice(0, columns - 1));
}

interface NodeLine {
  readonly phase: string;
  readonly line: string;
}

/** Leaves out whole phases, the least interesting first, until the rest fits; what is left out is counted in a line. */
function folded(nodes: readonly NodeLine[], room: number): readonly string[] {
  const hidden: string[] = [];
  const shown = () => nodes.filter(({ phase }) => !hidden.includes(phase));
  for (const phase of ['waiting', 'done', 'begun']) {
    if (shown().length + (hidden.length > 0 ? 1 : 0) <= room) break;
    hidden.push(phase);
  }
  const counts = hidden.map((phase) => [nodes.filter((node) => node.phase === phase).length, phase] as const);
  const rest = counts.filter(([count]) => count > 0).map(([count, phase]) => `${counted(count, 'node')} ${phase}`);
  return [...shown().map(({ line }) => line), ...(rest.length > 0 ? [`  ${rest.join(', ')}`] : [])];
}

function currentLine(current: Current, now: number): string {
  const { progress, instance, since } = current;
  const parts = [
    instance,
    progress && advance(progress),
    ...paceTexts(current, now),
    !progress && duration(now - since),
    progress?.note,
    current.memory > 0 && memory(current.memory),
  ];
  return `  ${parts.filter(Boolean).join('  ')}`;
}

/** How many instances have ended, the time left of all, and the memory of this process and of those that compute. */
function totalLine(state: RunState, now: number): string {
  const { finished, total, running } = state;
  const used = [...running.values()].reduce((sum, current) => sum + current.memory, process.memoryUsage.rss());
  const left = timeLeft(state, now);
  const parts = [`${finished}/${total}`, left && `about ${leftText(left)}`, memory(used)];
  return parts.filter(Boolean).join('  ');
}
