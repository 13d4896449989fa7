import { type Dirent, existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { StudyError } from '@espalier/core';
import { fileError, isMissing, readRegularFile } from '@espalier/files';
import type { KeyComponents } from '@espalier/store';
import { suggestion } from '@espalier/study';
import * as z from 'zod';
import { isUrl } from '../plugins/open-store.ts';
import { isObject, isRecordedEvent, type RecordedEvent } from './recorded-event.ts';

const runFile = z.object({
  id: z.string(),
  study: z.object({
    name: z.string(),
    digest: z.string(),
    profile: z.string().nullable(),
    /** Absent in records of older versions. */
    version: z.string().optional(),
  }),
  command: z.string(),
  startedAt: z.iso.datetime(),
  /** Absent in records of older versions. */
  node: z.string().optional(),
  platform: z.string().optional(),
  instances: z.number(),
  store: z.string(),
});

/** The files of a record; all else in its folder are the run's outputs. */
export const recordFiles: ReadonlySet<string> = new Set([
  ...['run.json', 'plan.json', 'study.jsonc', 'recipes.json', 'lock.json'],
  ...['events.ndjson', 'keys.ndjson'],
]);

/** What is said of a run when it starts. */
export type RunHeader = z.output<typeof runFile>;

/** A run that has a record. */
export interface RecordedRun extends RunHeader {
  readonly folder: string;
}

/** A key that an instance of a run had, and what it was made of. */
export interface RecordedKey {
  readonly instance: string;
  readonly key: string;
  readonly components: KeyComponents;
}

/** The runs recorded under `runsFolder`, the newest first. Folders without a readable `run.json` are left out. */
export async function recordedRuns(runsFolder: string): Promise<readonly RecordedRun[]> {
  const entries = await readdir(runsFolder, { withFileTypes: true }).catch((cause: unknown): Dirent[] => {
    if (isMissing(cause)) return [];
    throw fileError(cause, runsFolder, { what: 'the folder of the records of runs' });
  });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const runs = await Promise.all(names.map((name) => recordedRun(join(runsFolder, name))));
  return runs
    .filter((run) => run !== undefined)
    .sort((a, b) => (a.startedAt === b.startedAt ? (a.id < b.id ? 1 : -1) : a.startedAt < b.startedAt ? 1 : -1));
}

async function recordedRun(folder: string): Promise<RecordedRun | undefined> {
  try {
    const header = runFile.parse(JSON.parse(await textOf(join(folder, 'run.json'))));
    return {
      ...header,
      id: basename(folder),
      store: isUrl(header.store) ? header.store : resolve(folder, header.store),
      folder,
    };
  } catch {
    return undefined;
  }
}

/**
 * The run that `text` names: its folder, its id or the beginning of it, or `latest`.
 *
 * @param runsFolder where ids are looked up
 * @throws StudyError `runner/run-unknown`
 */
export async function findRun(text: string, runsFolder: string): Promise<RecordedRun> {
  if (/[\\/]/.test(text)) {
    const run = await recordedRun(resolve(text));
    if (run) return run;
    throw new StudyError(
      'runner/run-unknown',
      `The folder ${resolve(text)} is not the record of a run: it has no readable run.json. Give a folder under .espalier/runs.`,
    );
  }
  const runs = await recordedRuns(runsFolder);
  const found = text === 'latest' ? runs.slice(0, 1) : runs.filter(({ id }) => id.startsWith(text));
  if (found.length === 1) return found[0]!;
  const ids = (found.length > 0 ? found : runs).map(({ id }) => id);
  const problem = found.length > 1 ? `${found.length} runs begin with "${text}".` : `There is no run "${text}".`;
  throw new StudyError(
    'runner/run-unknown',
    `${problem}${found.length > 1 ? ` Known: ${ids.join(', ')}.` : suggestion(text, ids)} They are looked for in ${runsFolder}; choose another folder with --in, or see espalier runs.`,
  );
}

/** The runs beside `place`, a study or a folder; or in it, where it was a run's `--home`. */
export function runsFolderOf(place: string): string {
  const path = resolve(place);
  const folder = /\.jsonc?$/.test(path) ? dirname(path) : path;
  const beside = join(folder, '.espalier', 'runs');
  const own = join(folder, 'runs');
  return !existsSync(beside) && existsSync(own) ? own : beside;
}

/** The keys that a run found out, in order. */
export async function recordedKeys({ folder }: RecordedRun): Promise<readonly RecordedKey[]> {
  const keys: RecordedKey[] = [];
  for (const line of await linesOf(join(folder, 'keys.ndjson'))) {
    if (isObject(line) && typeof line.instance === 'string' && typeof line.key === 'string' && isComponents(line))
      keys.push(line as unknown as RecordedKey); // its parts were just checked
  }
  return keys;
}

function isComponents({ components }: Readonly<Record<string, unknown>>): boolean {
  if (!isObject(components)) return false;
  const { opens, packages, inputs, type } = components;
  return isObject(opens) && isObject(packages) && isObject(inputs) && typeof type === 'string';
}

/** What happened in a run, in order. */
export async function recordedEvents({ folder }: RecordedRun): Promise<readonly RecordedEvent[]> {
  return (await linesOf(join(folder, 'events.ndjson'))).filter(isRecordedEvent);
}

// A kill may have cut the last line short; what cannot be read is left out.
async function linesOf(file: string): Promise<readonly unknown[]> {
  const text = await textOf(file).catch((error: unknown) => {
    if (StudyError.is(error) && error.code === 'core/data-missing') return '';
    throw error;
  });
  return text.split('\n').flatMap((line): readonly unknown[] => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}

async function textOf(file: string): Promise<string> {
  return (await readRegularFile(file, { what: 'part of the record of a run' })).toString('utf8');
}
