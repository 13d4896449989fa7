import { join } from 'node:path';
import { largestResults } from '@espalier/analysis';
import { StudyError } from '@espalier/core';
import { isMissing, readRegularFile } from '@espalier/files';
import { suggestion } from '@espalier/study';
import { readManifest } from '../artifacts/index.ts';
import { openStore } from '../plugins/open-store.ts';
import { nodeOf } from '../text/format.ts';
import { type RecordedRun, recordedEvents, recordedKeys, recordedRuns } from './recorded-runs.ts';

const fileName = 'results.json';

/**
 * The text of the `results.json` that a report of a finished run wrote, from the run's store or its record.
 *
 * @param asked the report's node or instance; of a run that has one, none is needed
 * @throws StudyError `runner/run-unfinished`, `runner/run-without-report`, `runner/results-unclear`; of the store where it is damaged
 */
export async function reportOf(run: RecordedRun, asked: string | undefined): Promise<string> {
  const events = await recordedEvents(run);
  if (!events.some(({ type }) => type === 'run-finished')) throw unfinished(run);
  const reports = await reportsOf(run, events);
  const named = asked === undefined ? reports : reports.filter(({ instance }) => isNamed(instance, asked));
  if (named.length === 1) return named[0]!.text();
  const names = reports.map(({ instance }) => instance);
  if (reports.length === 0) return keptBeside(run);
  throw new StudyError(
    'runner/results-unclear',
    named.length === 0
      ? `The run ${run.id} has no report "${asked}".${suggestion(asked ?? '', names)}`
      : `The run ${run.id} has the results of ${named.length} reports: ${names.join(', ')}. Name one with --report.`,
  );
}

/** What a run wrote as its output stands in its record, too, which may have come without its store. */
async function keptBeside(run: RecordedRun): Promise<string> {
  const bytes = await readRegularFile(join(run.folder, fileName), {
    what: 'the results of a run',
    most: largestResults,
  }).catch((error: unknown) => {
    if (StudyError.is(error) && isMissing(error.cause)) throw withoutReport(run);
    throw error;
  });
  return bytes.toString('utf8');
}

/** The last run of a study that finished and wrote a report. @throws StudyError `runner/run-unknown` where there is none */
export async function finishedRunOf(study: string, path: string, runsFolders: readonly string[]): Promise<RecordedRun> {
  let count = 0;
  for (const folder of runsFolders) {
    const runs = (await recordedRuns(folder)).filter((run) => run.study.name === study);
    count += runs.length;
    for (const run of runs) {
      const events = await recordedEvents(run);
      const isFinished = events.some(({ type }) => type === 'run-finished');
      if (isFinished && (await reportsOf(run, events)).length > 0) return run;
    }
  }
  const known = count === 0 ? 'there is no run of it' : `none of its ${count} runs has finished with a report`;
  throw new StudyError(
    'runner/run-unknown',
    `The study ${path} has nothing to compare: ${known} in ${runsFolders.join(' or ')}. Run it:  espalier run ${path}`,
  );
}

function isNamed(instance: string, name: string): boolean {
  return instance === name || nodeOf(instance) === name;
}

interface Report {
  readonly instance: string;
  readonly text: () => Promise<string>;
}

type Events = Awaited<ReturnType<typeof recordedEvents>>;

/** The reports of a run that its store has with results. */
async function reportsOf(run: RecordedRun, events: Events): Promise<readonly Report[]> {
  const reporters = new Set(
    (await recordedKeys(run)).flatMap(({ instance, components }) => (components.report === null ? [] : [instance])),
  );
  const store = await openStore(run.store);
  const reports = new Map<string, Report>(); // what was damaged is told of twice
  for (const event of events) {
    if ((event.type !== 'done' && event.type !== 'cached') || !reporters.has(event.instance)) continue;
    const record = await store.record(event.key);
    for (const artifact of Object.values(record?.outputs ?? {})) {
      if (artifact.kind !== 'files') continue;
      const { blobs } = await readManifest(store, artifact);
      const blob = Object.hasOwn(blobs, fileName) ? blobs[fileName] : undefined;
      if (!blob) continue;
      const text = async () => Buffer.from(await store.blob(blob.sha256)).toString('utf8');
      reports.set(event.instance, { instance: event.instance, text });
    }
  }
  return [...reports.values()];
}

function unfinished({ id, command }: RecordedRun): StudyError {
  return new StudyError(
    'runner/run-unfinished',
    `The run ${id} has not finished: it is running, or was stopped. Let it end, or go on with it:  ${command}`,
  );
}

function withoutReport({ id, store, command }: RecordedRun): StudyError {
  return new StudyError(
    'runner/run-without-report',
    `The run ${id} has no ${fileName} in ${store}: its study has no report that writes one, the report failed or was left out, or the store was emptied since. Run it again with a report:  ${command}`,
  );
}
