import type { ArtifactKind } from '../file/artifact-kinds.ts';
import { fileNameOf } from './output-names.ts';
import type { PlannedOutput } from './planned-output.ts';

/** What an output's paths are made of. */
type OutputSources = Pick<PlannedOutput, 'path' | 'sources' | 'file' | 'beside'>;

/** Where the artifact of one source goes: a file, or a folder that takes all its files. */
export function sourcePath({ path, sources, file }: OutputSources, instance: string): string {
  if (sources.length <= 1) return path;
  return [path, fileNameOf(instance), ...(file === undefined ? [] : [fileNameOf(file)])].join('/');
}

/** Endings of files whose names are those of instances. Files of a report have names of their own. */
export const endings: Readonly<Record<Exclude<ArtifactKind, 'files'>, string>> = {
  split: '.json',
  scores: '.json',
  explainer: '.json',
  model: '.safetensors',
  attributions: '.safetensors',
  concepts: '.safetensors',
};

/** Where one of several files of an artifact goes; a reporter may put a folder before its name. */
export function pathInside(folder: string, file: string): string {
  return [folder, ...file.split('/').map(fileNameOf)].join('/');
}

/** Where a folder that belongs to the file at `path` goes. */
export function pathBeside(path: string, folder: string): string {
  return [...path.split('/').slice(0, -1), folder].join('/');
}

/** `report_files` of `report.html`, where the reporter says that it writes such a folder. */
export function folderOfPage(file: string, files: readonly string[]): string | undefined {
  const folder = file.replace(/(?:\.[^.]*)?$/, '_files');
  return files.includes(`${folder}/`) ? folder : undefined;
}

/** A path that an output will write. */
export interface Claim {
  readonly output: string;
  readonly path: string;
  /** All below `path` is taken too: what files there will be is known when they are written. */
  readonly isFolder: boolean;
}

/**
 * The paths that an output will write, before its artifacts are there.
 *
 * @param kind of its artifacts
 * @param files the names of all files in them, where that is known
 */
export function claimsOf(
  output: OutputSources,
  kind: ArtifactKind,
  files: readonly string[] | undefined,
): readonly Claim[] {
  const claim = (path: string, isFolder = false): Claim => ({ output: output.path, path, isFolder });
  const several = output.sources.length > 1;
  return output.sources.flatMap(({ instance }) => {
    const path = sourcePath(output, instance);
    if (kind === 'files' && output.file === undefined)
      return files
        ? files.map((file) => claim(pathInside(path, file.replace(/\/$/, '')), file.endsWith('/')))
        : [claim(path, true)];
    const own = claim(kind !== 'files' && several ? `${path}${endings[kind]}` : path);
    return output.beside === undefined ? [own] : [own, claim(pathBeside(path, output.beside), true)];
  });
}

/** The files in which a run keeps its own record, beside its outputs. */
export const recordFiles: readonly string[] = [
  'study.jsonc',
  'recipes.json',
  'plan.json',
  'run.json',
  'events.ndjson',
  'keys.ndjson',
  'lock.json',
  'timeline.html',
];
