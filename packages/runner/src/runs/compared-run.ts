import { createHash } from 'node:crypto';
import { type Dirent, type Stats, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { largestResults, type Results, readResults } from '@espalier/analysis';
import { StudyError } from '@espalier/core';
import { fileError, isMissing } from '@espalier/files';
import { deepest, isTooDeep, parseStudyText, readStudy } from '@espalier/study';
import { readText } from '../opening/text-file.ts';
import { findRun, type RecordedRun, runsFolderOf } from './recorded-runs.ts';
import { finishedRunOf, reportOf } from './reported-results.ts';
import { type Settings, settingsOf } from './settings.ts';

/** One of two runs that are compared: what its report found, and with which settings. */
export interface ComparedRun {
  /** The id of the run, or the path of its results. */
  readonly name: string;
  /** What is on record of it; null for results without a record. */
  readonly run: RecordedRun | null;
  readonly results: Results;
  readonly settings: Settings;
  /** SHA-256 of the results as they were written. */
  readonly digest: string;
}

/** Where runs are looked for, and which of their reports is meant. */
export interface LookUp {
  /** Where ids of runs are looked up. */
  readonly runsFolder: string;
  /** The report of runs that have several: its node, or an instance. */
  readonly report: string | undefined;
}

/**
 * The run that `text` names: a run as {@link findRun} finds it; a study, for the last run of it that finished and wrote a report;
 * the results of a report, or a folder that holds them.
 *
 * @throws StudyError as `findRun`, `readResults` and `readRegularFile`; `runner/run-unfinished` and `runner/run-without-report` for a
 *   run that has nothing to compare; `runner/results-unclear` where a folder or a run has several results, or none
 */
export async function findCompared(text: string, lookUp: LookUp): Promise<ComparedRun> {
  const path = resolve(text);
  if (/[\\/]|\.jsonc?$|^\.+$/.test(text)) return atPath(path, lookUp);
  const run = await findRun(text, lookUp.runsFolder).catch((error: unknown) => {
    if (StudyError.is(error) && statOf(path)?.isDirectory()) return undefined; // `out` for ./out
    throw error;
  });
  return run ? fromRun(run, lookUp) : inFolder(path, lookUp);
}

async function atPath(path: string, lookUp: LookUp): Promise<ComparedRun> {
  const stats = statOf(path);
  if (stats) return stats.isDirectory() ? inFolder(path, lookUp) : fromFile(path, lookUp);
  throw new StudyError(
    'runner/run-unknown',
    `There is neither a file nor a folder ${path}. Give a run as espalier runs lists it, a study, or the results.json of a report.`,
  );
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw fileError(cause, path, { what: 'a run, a study or results' });
  }
}

async function fromRun(run: RecordedRun, { report }: LookUp): Promise<ComparedRun> {
  return compared(await reportOf(run, report), `The results.json of the run ${run.id}`, { name: run.id, run });
}

async function inFolder(folder: string, lookUp: LookUp): Promise<ComparedRun> {
  if (statOf(join(folder, 'run.json'))?.isFile()) return fromRun(await findRun(join(folder, '/'), folder), lookUp);
  const found = await resultsIn(folder);
  if (found.length === 1) return fromFile(found[0]!, lookUp);
  const problem =
    found.length === 0
      ? `The folder ${folder} is no record of a run and holds no results.json`
      : `The folder ${folder} holds ${found.length} files of results: ${found.slice(0, 8).join(', ')}`;
  throw new StudyError('runner/results-unclear', `${problem}. Give a run, a study, or one file of results.`);
}

// Outputs stand in the folder itself, or in one for each report.
const deepestFolder = 3;

async function resultsIn(folder: string, depth = 1): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown): Dirent[] => {
    throw fileError(cause, folder, { what: 'results' });
  });
  const own = entries.filter((entry) => entry.isFile() && entry.name === 'results.json');
  const inside = entries.filter((entry) => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name));
  const below = depth < deepestFolder ? inside : [];
  const found = await Promise.all(below.map(({ name }) => resultsIn(join(folder, name), depth + 1)));
  return [...own.map(({ name }) => join(folder, name)), ...found.flat().sort()];
}

async function fromFile(path: string, lookUp: LookUp): Promise<ComparedRun> {
  const text = await readText(path, {
    ...{ what: 'a study or the results of a report', fileName: path, code: 'analysis/results-invalid' },
    most: largestResults,
  });
  const study = studyName(text, path);
  if (study === undefined) return compared(text, path, { name: path, run: null });
  const folders = [...new Set([runsFolderOf(path), lookUp.runsFolder])];
  return fromRun(await finishedRunOf(study, path, folders), lookUp);
}

/** The name of the study that a text is; undefined for another text, which then has to be results. */
function studyName(text: string, path: string): string | undefined {
  if (/^\s*\{\s*"format"/.test(text) || !text.includes('"apiVersion"')) return undefined; // as reports write it
  const { value } = parseStudyText(text, path);
  return typeof value === 'object' && value !== null && 'apiVersion' in value ? readStudy(value).parts.name : undefined;
}

async function compared(
  text: string,
  place: string,
  { name, run }: Pick<ComparedRun, 'name' | 'run'>,
): Promise<ComparedRun> {
  const results = readResults(text, place);
  if (isTooDeep(results.params)) {
    throw new StudyError(
      'analysis/results-invalid',
      `${place} is not as a report writes it: at /params, values are nested deeper than ${deepest}, which no study may do. Take the file as it was written, or run its study again.`,
    );
  }
  const settings = await settingsOf(results, run, place);
  return { name, run, results, settings, digest: createHash('sha256').update(text).digest('hex') };
}

/** What a file about it is called: the id of the run, or the name of the study with the beginning of the results' digest. */
export function fileNameFor({ run, results, digest }: ComparedRun): string {
  return basename(
    run?.id ?? `${results.study.name.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 60)}-${digest.slice(0, 8)}`,
  );
}
