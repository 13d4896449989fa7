import { checkStored } from '../../forecast/check-stored.ts';
import { type OpenedStudy, openStudy, type StudyRequest } from '../../opening/opened-study.ts';
import { type RunResult, runOpened } from '../../runs/run-study.ts';
import type { RunEvent } from '../../tasks/events.ts';
import { liveTable } from '../progress/live-table.ts';
import { plainLines } from '../progress/plain-lines.ts';
import { follow, newRunState } from '../progress/run-state.ts';
import { summaryLines } from '../progress/summary.ts';
import { writeTimeline } from '../timeline/page.ts';
import { onInterrupt } from './interruption.ts';
import type { Output } from './output.ts';

export interface RunFlags {
  readonly frozen: boolean;
  readonly dry: boolean;
  readonly json: boolean;
}

/** Runs a study in front of a person or, as JSON, of a machine; returns the exit code. */
export async function runCommand(
  request: StudyRequest,
  { frozen, json }: RunFlags,
  output: Output,
  interruption: AbortController,
): Promise<number> {
  const opened = await openStudy({ ...request, willRun: true, ...(frozen && { code: 'exact' }) });
  const stopListening = onInterrupt(() => {
    if (!json) output.write('\nStopping; what is finished is kept. Press Ctrl-C again to stop at once.\n');
    interruption.abort();
  });
  try {
    await using running = opened; // closed while Ctrl-C is still heard
    for (const remark of running.remarks) output.writeError(`${remark}\n`);
    await checkStored(running, frozen);
    const result = await (json ? runAsJson : runInLines)(running, output, interruption.signal);
    await writeTimeline(result.folder).catch(() => {}); // a record without a drawing is a record: show can draw it later
    return { ok: 0, failed: 1, interrupted: 130 }[result.status];
  } finally {
    stopListening();
  }
}

async function runInLines(opened: OpenedStudy, output: Output, signal: AbortSignal): Promise<RunResult> {
  const ids = opened.plan.instances.map(({ id }) => id);
  const state = newRunState(ids);
  const table = output.isTerminal ? liveTable(ids, output, await output.live(), Date.now, output.debug) : undefined;
  const display = table?.listener ?? plainLines(ids, (line) => output.write(`${line}\n`), Date.now, output.debug);
  const started = Date.now();
  try {
    const result = await runOpened(opened, {
      signal,
      listener(event) {
        follow(state, event, Date.now());
        display(event);
      },
    });
    for (const line of summaryLines(state, result, Date.now() - started)) output.write(`${line}\n`);
    if (result.status === 'interrupted') output.write(`Go on with:  ${opened.command}\n`);
    return result;
  } finally {
    table?.close();
  }
}

/** Every event as one line of JSON. */
function runAsJson(opened: OpenedStudy, output: Output, signal: AbortSignal): Promise<RunResult> {
  const listener = (event: RunEvent) => output.writeJson({ at: new Date().toISOString(), ...event });
  return runOpened(opened, { signal, listener });
}
