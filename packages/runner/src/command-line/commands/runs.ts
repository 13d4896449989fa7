import type { RecordedEvent } from '../../runs/recorded-event.ts';
import { findRun, type RecordedRun, recordedEvents, recordedRuns } from '../../runs/recorded-runs.ts';
import { counted, duration, nodeOf } from '../../text/format.ts';
import { writeTimeline } from '../timeline/page.ts';
import type { Output } from './output.ts';

/** Lists the runs recorded in a folder, the newest first. */
export async function runsCommand(runsFolder: string, asJson: boolean, output: Output): Promise<number> {
  const runs = await recordedRuns(runsFolder);
  const told = await Promise.all(runs.map(async (run) => ({ run, outcome: outcomeOf(await recordedEvents(run)) })));
  if (asJson) {
    output.writeJson(
      told.map(({ run, outcome }) => ({ ...run, ...outcome })),
      2,
    );
    return 0;
  }
  if (told.length === 0) output.write(`No runs in ${runsFolder}. Give the study or its folder with --in.\n`);
  for (const { run, outcome } of told) output.write(`${runLine(run, outcome)}\n`);
  return 0;
}

export interface ShowFlags {
  readonly json: boolean;
  /** Draw the run's timeline anew and say where it is, instead. */
  readonly timeline: boolean;
}

/** Shows what one run did: its command, what became of every node, what failed, what was written. */
export async function showCommand(text: string, runsFolder: string, flags: ShowFlags, output: Output): Promise<number> {
  const run = await findRun(text, runsFolder);
  if (flags.timeline) {
    output.write(`wrote    ${await writeTimeline(run.folder)}\n`);
    return 0;
  }
  const events = await recordedEvents(run);
  const outcome = outcomeOf(events);
  if (flags.json) {
    output.writeJson({ ...run, ...outcome, events }, 2);
    return 0;
  }
  const lines = [
    runLine(run, outcome),
    `  command  ${run.command}`,
    `  record   ${run.folder}`,
    ...nodeLines(events),
    ...events.flatMap((event) =>
      event.type === 'failed' ? [`  failed   ${event.instance} [${event.code}] ${event.text}`] : [],
    ),
    ...events.flatMap((event) => (event.type === 'output' ? [`  wrote    ${event.path}`] : [])),
  ];
  output.write(`${lines.join('\n')}\n`);
  return 0;
}

interface Outcome {
  /** `unfinished`: still running, or killed. */
  readonly status: string;
  readonly ms: number | null;
  readonly done: number;
  readonly cached: number;
  readonly failed: number;
  readonly skipped: number;
}

function outcomeOf(events: readonly RecordedEvent[]): Outcome {
  const end = events.find((event) => event.type === 'run-finished');
  const count = (type: RecordedEvent['type']) => events.filter((event) => event.type === type).length;
  const [done, cached, failed, skipped] = [count('done'), count('cached'), count('failed'), count('skipped')];
  return { status: end?.status ?? 'unfinished', ms: end?.ms ?? null, done, cached, failed, skipped };
}

function runLine(
  { id, study, startedAt, instances }: RecordedRun,
  { status, ms, done, cached, failed, skipped }: Outcome,
): string {
  const counts = [
    counted(instances, 'instance'),
    `${done} run`,
    `${cached} cached`,
    failed > 0 && `${failed} failed`,
    skipped > 0 && `${skipped} skipped`,
  ];
  const profile = study.profile === null ? '' : ` --profile ${study.profile}`;
  const time = ms === null ? '' : ` after ${duration(ms)}`;
  return `${id}  ${startedAt}  ${study.name}${profile}  ${status}${time}  ${counts.filter(Boolean).join(', ')}`;
}

function nodeLines(events: readonly RecordedEvent[]): readonly string[] {
  const nodes = new Map<string, { done: number; cached: number; ms: number; peakBytes: number }>();
  for (const event of events) {
    if (event.type !== 'done' && event.type !== 'cached') continue;
    const node = nodes.get(nodeOf(event.instance)) ?? { done: 0, cached: 0, ms: 0, peakBytes: 0 };
    nodes.set(nodeOf(event.instance), node);
    if (event.type === 'cached') node.cached++;
    else {
      node.done++;
      node.ms += event.ms;
      node.peakBytes = Math.max(node.peakBytes, event.peakBytes ?? 0);
    }
  }
  const width = Math.max(...[...nodes.keys()].map((name) => name.length), 4);
  return [...nodes].map(([name, { done, cached, ms, peakBytes }]) => {
    const memory = peakBytes > 0 ? `, at most ${Math.round(peakBytes / 2 ** 20)} MiB` : '';
    return `  ${name.padEnd(width)}  ${duration(ms).padStart(11)}  ${done} run, ${cached} cached${memory}`;
  });
}
