import { checkStored } from '../check-stored.ts';
import { type OpenedStudy, openStudy, type StudyRequest } from '../opened-study.ts';
import { liveTable } from '../progress/live-table.ts';
import { plainLines } from '../progress/plain-lines.ts';
import { summaryLines, summaryState } from '../progress/summary.ts';
import { type RunResult, runOpened } from '../run-study.ts';
import { onInterrupt } from './interruption.ts';
import type { Output } from './output.ts';

export interface RunFlags {
  readonly frozen: boolean;
  readonly dry: boolean;
  readonly json: boolean;
}

/** Runs a study in front of a person; returns the exit code. */
export async function runCommand(
  request: StudyRequest,
  { frozen, json }: RunFlags,
  output: Output,
  interruption: AbortController,
): Promise<number> {
  await using opened = await openStudy({ ...request, willRun: true, ...(frozen && { code: 'exact' }) });
  await checkStored(opened, frozen);
  if (json) return await runAsJson(opened, output, interruption);
  const ids = opened.plan.instances.map(({ id }) => id);
  const summary = summaryState(ids);
  const table = output.isTerminal ? liveTable(ids, output, Date.now, output.debug) : undefined;
  const display = table?.listener ?? plainLines((line) => output.write(`${line}\n`), Date.now, output.debug);
  const started = Date.now();
  const stop = onInterrupt(() => {
    output.write('\nStopping; what is finished is kept. Press Ctrl-C again to stop at once.\n');
    interruption.abort();
  });
  try {
    const result = await runOpened(opened, {
      signal: interruption.signal,
      listener(event) {
        summary.hear(event);
        display(event);
      },
    });
    for (const line of summaryLines(summary.state, result, Date.now() - started)) output.write(`${line}\n`);
    if (result.status === 'interrupted') output.write(`Go on with:  ${opened.command}\n`);
    return exitCode(result);
  } finally {
    stop();
    table?.close();
  }
}

/** Every event as one line of JSON, for machines. */
async function runAsJson(opened: OpenedStudy, output: Output, interruption: AbortController): Promise<number> {
  const stop = onInterrupt(() => interruption.abort());
  try {
    const result = await runOpened(opened, {
      signal: interruption.signal,
      listener: (event) => output.writeJson({ at: new Date().toISOString(), ...event }),
    });
    return exitCode(result);
  } finally {
    stop();
  }
}

function exitCode({ status }: RunResult): number {
  return { ok: 0, failed: 1, interrupted: 130 }[status];
}
