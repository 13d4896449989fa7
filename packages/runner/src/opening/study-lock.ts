import { basename, join } from 'node:path';
import { StudyError } from '@espalier/core';
import { isMissing } from '@espalier/files';
import { canonicalJson, writeDurably } from '@espalier/store';
import { more, mostProblems, parseStudyText, pointer, type StudyPlan } from '@espalier/study';
import * as z from 'zod';
import type { Finished } from '../tasks/task-of.ts';
import { readText } from './text-file.ts';

const pluginLock = z.strictObject({
  version: z.string(),
  /** SHA-256 of the code of a package beside the study, whose version says nothing. */
  code: z.string().nullable(),
  /** `cacheVersion` by plugin. */
  types: z.record(z.string(), z.string()),
});

const recipeLock = z.strictObject({
  version: z.string().nullable(),
  /** SHA-256 of what it says. */
  digest: z.string(),
});

const dataLock = z.strictObject({
  type: z.string(),
  options: z.unknown(),
  /** SHA-256 of the content, by part. */
  parts: z.record(z.string(), z.string()),
});

const lockSchema = z.strictObject({
  lockVersion: z.literal(1),
  plugins: z.record(z.string(), pluginLock),
  recipes: z.record(z.string(), recipeLock).exactOptional(),
  data: z.array(dataLock),
});

/** What a study was run with: small, stable, and committed beside it. */
export type StudyLock = z.output<typeof lockSchema>;

/** `study.lock.json` beside `study.json`. */
export function lockPath({ folder, fileName }: Pick<StudyPlan, 'folder' | 'fileName'>): string {
  return join(folder, `${basename(fileName).replace(/\.jsonc?$/, '')}.lock.json`);
}

/** The lock beside a study; undefined where there is none. @throws StudyError `runner/lock-invalid`, with the place */
export async function readLock(plan: Pick<StudyPlan, 'folder' | 'fileName'>): Promise<StudyLock | undefined> {
  const path = lockPath(plan);
  try {
    return parseLock(await readText(path, { what: 'a lock file', fileName: path, code: 'runner/lock-invalid' }), path);
  } catch (error) {
    if (!StudyError.is(error)) throw error;
    if (isMissing(error.cause)) return undefined;
    throw error.code === 'runner/lock-invalid'
      ? error
      : new StudyError('runner/lock-invalid', error.message, { cause: error });
  }
}

/** @throws StudyError `runner/lock-invalid`, with the place */
export function parseLock(text: string, path: string): StudyLock {
  const remedy = 'It is written by espalier run: restore it, or delete it and run again.';
  try {
    const parsed = parseStudyText(text, path);
    const result = lockSchema.safeParse(parsed.value);
    if (result.success) return result.data;
    const { issues } = result.error;
    const lines = issues.slice(0, mostProblems).map((issue) => {
      const at = issue.path.filter((part) => typeof part !== 'symbol');
      const { line, column } = parsed.locate(at);
      return `  ${path}:${line}:${column}  ${pointer(at) || '/'}  ${issue.message}`;
    });
    throw new StudyError(
      'runner/lock-invalid',
      `${path} is not a lock file. ${remedy}\n${lines.join('\n')}${more(issues.length)}`,
    );
  } catch (error) {
    if (!StudyError.is(error) || error.code === 'runner/lock-invalid') throw error;
    throw new StudyError('runner/lock-invalid', `${error.message}\n${remedy}`, { cause: error });
  }
}

/** What a study is run with here. Data that are not there yet are left out. */
export function lockOf({ packages, recipes, instances }: StudyPlan, finished: Finished): StudyLock {
  const plugins: Record<string, StudyLock['plugins'][string]> = {};
  for (const { name, version, codes } of packages.values()) {
    const own = codes[name];
    const used = instances.filter(({ type }) => type.package.name === name && type.plugin);
    const types = Object.fromEntries(used.map(({ type }) => [type.name, type.cacheVersion]));
    plugins[name] = { version, code: own?.draft ? own.code : null, types: sorted(types) };
  }
  const data = instances.flatMap(({ id, type, options }) => {
    const outputs = finished.get(id);
    if (type.plugin?.kind !== 'dataset' || !outputs) return [];
    const parts = Object.fromEntries(Object.entries(outputs).map(([port, { digest }]) => [port, digest]));
    return [{ type: type.id, options: options.key, parts }];
  });
  return { lockVersion: 1, plugins: sorted(plugins), ...recipesOf(recipes), data: inOrder(data) };
}

function recipesOf(recipes: StudyPlan['recipes']): Pick<StudyLock, 'recipes'> {
  if (recipes.length === 0) return {};
  return {
    recipes: sorted(Object.fromEntries(recipes.map(({ recipe, version, digest }) => [recipe, { version, digest }]))),
  };
}

/** How `now` differs from what `lock` says; data of other options are another matter. */
export function lockDifferences(lock: StudyLock, now: StudyLock): readonly string[] {
  const plugins = Object.entries(now.plugins).flatMap(([name, { version, code, types }]) => {
    const before = Object.hasOwn(lock.plugins, name) ? lock.plugins[name] : undefined;
    if (!before) return [`${name} ${version} is new`];
    return [
      ...(before.version === version ? [] : [`${name} ${before.version} -> ${version}`]),
      ...(before.code === code ? [] : [`code of ${name}`]),
      ...Object.entries(types).flatMap(([type, cacheVersion]) => {
        const old = Object.hasOwn(before.types, type) ? before.types[type] : undefined;
        return old === undefined || old === cacheVersion
          ? []
          : [`cacheVersion of ${name}/${type} ${old} -> ${cacheVersion}`];
      }),
    ];
  });
  const data = now.data.flatMap(({ type, options, parts }) => {
    const before = lock.data.find((entry) => dataKey(entry) === dataKey({ type, options }));
    if (!before) return [];
    return Object.entries(parts).flatMap(([part, digest]) =>
      !Object.hasOwn(before.parts, part) || before.parts[part] === digest
        ? []
        : [`data ${type}.${part}: ${before.parts[part]!.slice(0, 12)} -> ${digest.slice(0, 12)}`],
    );
  });
  return [...plugins, ...recipeDifferences(lock.recipes ?? {}, now.recipes ?? {}), ...data];
}

function recipeDifferences(
  before: NonNullable<StudyLock['recipes']>,
  now: NonNullable<StudyLock['recipes']>,
): readonly string[] {
  return Object.entries(now).flatMap(([name, { version, digest }]) => {
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    if (!old) return [`the recipe ${name} is new`];
    if (old.digest === digest) return [];
    return [
      `the recipe ${name}${old.version === version ? '' : ` ${old.version} -> ${version}`}: ${old.digest.slice(0, 12)} -> ${digest.slice(0, 12)}`,
    ];
  });
}

/** Brings the lock beside a study up to date, but for data of other profiles; returns what changed in one that was there. */
export async function writeLock(plan: StudyPlan, finished: Finished): Promise<readonly string[]> {
  const before = await readLock(plan);
  const now = lockOf(plan, finished);
  const known = new Set(now.data.map(dataKey));
  const data = [...(before?.data ?? []).filter((entry) => !known.has(dataKey(entry))), ...now.data];
  const plugins = Object.fromEntries(
    Object.entries(now.plugins).map(([name, entry]) => {
      const types = { ...(Object.hasOwn(before?.plugins ?? {}, name) && before?.plugins[name]?.types), ...entry.types };
      return [name, { ...entry, types: sorted(types) }];
    }),
  );
  const lock: StudyLock = { lockVersion: 1, plugins, ...recipesOf(plan.recipes), data: inOrder(data) };
  if (before && canonicalJson(before) === canonicalJson(lock)) return [];
  await writeDurably(lockPath(plan), Buffer.from(`${JSON.stringify(lock, undefined, 2)}\n`));
  return before ? lockDifferences(before, now) : [];
}

function dataKey({ type, options }: { readonly type: string; readonly options?: unknown }): string {
  return canonicalJson([type, options ?? {}]);
}

function inOrder(data: StudyLock['data']): StudyLock['data'] {
  return [...data].sort((a, b) => (dataKey(a) < dataKey(b) ? -1 : 1));
}

function sorted<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
