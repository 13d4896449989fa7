import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type ComputeOptions, StudyError } from '@espalier/core';
import { isMissing } from '@espalier/files';
import { learnSecrets, withoutSecrets } from '@espalier/secrets';
import type { CodePolicy } from '@espalier/store';
import {
  editorSchema,
  includeRecipes,
  type JsonSchema,
  loadPackages,
  makePlan,
  nodeTypes,
  parseStudyText,
  problemsError,
  readStudy,
  type SelectedPlan,
  type Selection,
  type StudyText,
  selected,
} from '@espalier/study';
import { nodeCatalogue } from '../kinds/index.ts';
import { openStore, storeLocation } from '../plugins/open-store.ts';
import { packageLoader } from '../plugins/plugin-packages.ts';
import { type Container, createContainer, registryOf, service, thisMachinesExecutor } from '../services/container.ts';
import { tokens } from '../services/tokens.ts';
import type { Executor } from '../tasks/task.ts';
import { loadExecutor } from '../workers/executor-package.ts';
import { keepFirstSchema, keepSchema, schemaOfStudy } from './kept-schema.ts';
import { recipeLoader } from './recipe-files.ts';
import { readLock } from './study-lock.ts';
import { readText } from './text-file.ts';

/** Which study, with which choices. */
export interface StudyRequest {
  /** Path of the study file. */
  readonly file: string;
  readonly profile?: string | undefined;
  /** Parameter values over those of the study and the profile. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly compute?: Partial<ComputeOptions> | undefined;
  /** Folder or URL of the store; by default `.espalier/store` beside the study. */
  readonly store?: string | undefined;
  /** Folder for all that is kept, with store and outputs where nothing else is said of them; `.espalier` beside the study. */
  readonly home?: string | undefined;
  /** Folder for the outputs; by default `.espalier/out/<study name>` beside the study. */
  readonly out?: string | undefined;
  /** Most instances at once; by default as many as the machine's cores allow. */
  readonly jobs?: number | undefined;
  /** What runs instances elsewhere: a package, or a path from the study's folder. This machine unless said otherwise. */
  readonly executor?: string | undefined;
  /** Where the server of `executor` is. The executor keeps its credentials out of what it reports. */
  readonly url?: string | undefined;
  /** Plugin modules that the host has imported itself, by package name: instances then run in this process. */
  readonly packages?: ReadonlyMap<string, unknown> | undefined;
  /** Binds services of the host in place of the runner's. */
  readonly bind?: ((container: Container) => void) | undefined;
  /** Whether results of other code count; `declared` unless said otherwise. */
  readonly code?: CodePolicy | undefined;
  /** Which instances; all of them unless said otherwise. */
  readonly select?: Selection | undefined;
  /** Whether instances will be run soon: the executor gets ready while the study is checked. */
  readonly willRun?: boolean | undefined;
  /** Whether the schema that editors complete from is brought up to date: who will run a study is writing one. */
  readonly refreshesSchema?: boolean | undefined;
  /** How this was started, for the record. */
  readonly command?: string | undefined;
}

/** A checked study with its services and folders. Whoever opened it disposes of it: `await using`. */
export interface OpenedStudy extends SelectedPlan, AsyncDisposable {
  readonly container: Container;
  /** `.espalier` beside the study, or what the request names: store, runs, outputs, downloads, schema. */
  readonly home: string;
  /** What could not be kept that nothing depends on, a sentence each. */
  readonly remarks: readonly string[];
  readonly out: string;
  readonly code: CodePolicy;
  /** Whether a run keeps the lock file beside the study up to date. */
  readonly locks: boolean;
  readonly command: string;
}

/**
 * Reads, checks and expands a study.
 *
 * @throws StudyError `study/unreadable` when there is no such file; else every problem at once
 */
export async function openStudy(request: StudyRequest): Promise<OpenedStudy> {
  const path = resolve(request.file);
  const folder = dirname(path);
  const home = resolve(request.home ?? join(folder, '.espalier'));
  const { executor, jobs, packages, bind, willRun, url } = request;
  if (url !== undefined) learnSecrets([url]);
  const store = await openStore(storeLocation(request.store ?? join(home, 'store')));
  const container = createContainer({ store, packages, jobs, bind });
  const local = executor === undefined || !willRun ? service(container, tokens.executor) : undefined;
  if (willRun) local?.warmUp?.();
  try {
    const opened = await openIn(container, request, { path, folder, home });
    if (!local) container.rebind(tokens.executor).toConstantValue(await elsewhere(container, request, folder));
    return opened;
  } catch (error) {
    await local?.close();
    throw error;
  }
}

/** The executor that the request names. Nobody is waited for before the study is known to be sound. */
async function elsewhere(
  container: Container,
  { executor, url, jobs }: StudyRequest,
  folder: string,
): Promise<Executor> {
  const store = service(container, tokens.store);
  const settings = {
    url,
    storeAt: store.location,
    storeId: await store.id(),
    startLocal: () => thisMachinesExecutor(store, jobs),
  };
  return loadExecutor(executor!, folder, settings, store);
}

async function openIn(
  container: Container,
  request: StudyRequest,
  { path, folder, home }: { readonly path: string; readonly folder: string; readonly home: string },
): Promise<OpenedStudy> {
  const { file, profile, params, command, code = 'declared' } = request;
  const refreshes = request.refreshesSchema || request.willRun;
  const text = await parsed(await studyTextAt(path, file), file, refreshes ? home : undefined);
  const compute = { ...service(container, tokens.compute), ...definedOnly(request.compute ?? {}) };
  const study = await includeRecipes(text, readStudy(text.value), folder, recipeLoader);
  const listed = await loadPackages(study, folder, {
    loader: service(container, tokens.loader),
    catalogue: nodeCatalogue,
  });
  // Before anything is checked: who has made a mistake completes from it, too.
  const unkept = refreshes ? await keepSchema(schemaOfStudy(study, listed), home) : undefined;
  const plan = makePlan({ study, folder, choices: { profile, params, compute }, listed });
  const registry = registryOf(container);
  for (const found of plan.packages.values()) registry.add(found);
  const out = resolve(request.out ?? join(home, 'out', plan.name));
  await readLock(plan); // a lock that cannot be read is told before anything runs
  const locks = Object.keys(params ?? {}).length === 0;

  return {
    ...selected(plan, request.select ?? {}),
    container,
    home,
    remarks: unkept === undefined ? [] : [unkept],
    out,
    code,
    locks,
    command: withoutSecrets(command ?? `runStudy ${file}`),
    // Processes that wait for work would keep this one alive.
    [Symbol.asyncDispose]: () => service(container, tokens.executor).close(),
  };
}

async function parsed(source: string, fileName: string, home: string | undefined): Promise<StudyText> {
  try {
    return parseStudyText(source, fileName);
  } catch (error) {
    if (home !== undefined) await keepFirstSchema(home);
    throw error;
  }
}

/**
 * The JSON Schema of studies: of the study at `path`, which may have mistakes, with the plugins that it lists; or of any.
 *
 * @throws StudyError when the study cannot be read, or a plugin package is missing
 */
export async function studySchemaFor(path: string | undefined): Promise<JsonSchema> {
  if (path === undefined) return editorSchema(nodeTypes(new Map(), nodeCatalogue));
  const text = parseStudyText(await studyTextAt(resolve(path), path), path);
  const folder = dirname(resolve(path));
  const study = await includeRecipes(text, readStudy(text.value), folder, recipeLoader);
  const listed = await loadPackages(study, folder, { loader: packageLoader(), catalogue: nodeCatalogue });
  if (listed.problems.length > 0) throw problemsError(study.texts, listed.problems);
  return schemaOfStudy(study, listed);
}

async function studyTextAt(path: string, fileName: string): Promise<string> {
  try {
    return await readText(path, { what: 'a study', fileName, code: 'study/invalid' });
  } catch (error) {
    if (!StudyError.is(error) || error.code === 'study/invalid') throw error;
    throw new StudyError('study/unreadable', unreadable(path, error), { cause: error });
  }
}

function unreadable(path: string, error: StudyError): string {
  if (isMissing(error.cause)) return `There is no file ${path}. Give the path of a study file.`;
  if (isFolder(path))
    return `${path} is a folder. Give the path of a study file, for example ${join(path, 'study.json')}.`;
  return error.message;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // what it is instead has been told
  }
}

function definedOnly<Value extends object>(value: Value): Partial<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Partial<Value>; // a part of it
}
