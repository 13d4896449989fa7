import type { RunResult } from '../../runs/run-study.ts';
import { counted, duration } from '../../text/format.ts';
import type { RunState } from './run-state.ts';

/** What to say at the end: time per node, what was skipped and why, what was written. */
export function summaryLines(state: RunState, result: RunResult, ms: number): readonly string[] {
  const width = Math.max(...[...state.nodes.keys()].map((name) => name.length), 4);
  const nodes = [...state.nodes].map(([name, node]) => {
    const { done, cached, failed, skipped, total } = node;
    const counts = [
      `${done + cached}/${total}`,
      cached && `${cached} cached`,
      failed && `${failed} failed`,
      skipped && `${skipped} skipped`,
    ];
    return `  ${name.padEnd(width)}  ${duration(node.ms).padStart(11)}  ${counts.filter(Boolean).join(', ')}`;
  });
  return ['', ...nodes, ...skippedLines(result), '', ...resultLines(result, ms)];
}

function skippedLines({ failures }: RunResult): readonly string[] {
  const because = new Map<string, number>();
  for (const failure of failures.values()) {
    if ('because' in failure) because.set(failure.because, (because.get(failure.because) ?? 0) + 1);
  }
  return [...because].map(([cause, count]) => `  ${counted(count, 'instance')} skipped because ${cause} failed`);
}

function resultLines({ status, outputs, missing, folder }: RunResult, ms: number): readonly string[] {
  const words = { ok: 'Finished', failed: 'Failed', interrupted: 'Interrupted' } as const;
  return [
    `${words[status]} after ${duration(ms)}. Record: ${folder}`,
    ...missing.map((path) => `missing  ${path}`),
    ...outputs.map((path) => `wrote    ${path}`),
  ];
}
