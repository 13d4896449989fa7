import { dirname, join } from 'node:path';
import { StudyError } from '@espalier/core';
import { writeDurably } from '@espalier/store';
import {
  clashFinder,
  endings,
  localName,
  type PlannedOutput,
  pathBeside,
  pathInside,
  sourcePath,
  suggestion,
} from '@espalier/study';
import { type Manifest, readManifest } from '../artifacts/index.ts';
import type { Finished, TaskSetup } from '../tasks/task-of.ts';
import { nodeOf } from '../text/format.ts';
import { ownForm } from './own-form.ts';

/** A file that was written for an output. */
export interface WrittenOutput {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** It lies in a folder that the reporter made. */
  readonly isOneOfMany: boolean;
}

/**
 * The files of one output; undefined when nothing has produced it.
 *
 * @throws StudyError `study/invalid` when a reporter wrote no file of the name asked for; `runner/outputs-clash` when its names
 *   are one where upper and lower case are not told apart, or are too long
 */
export async function outputFiles(
  output: PlannedOutput,
  finished: Finished,
  { bench, context }: Pick<TaskSetup, 'bench' | 'context'>,
): Promise<readonly WrittenOutput[] | undefined> {
  const { store } = bench;
  const files: WrittenOutput[] = [];
  for (const { instance, port } of output.sources) {
    const artifact = finished.get(instance)?.[port];
    if (!artifact) return undefined;
    const manifest = await readManifest(store, artifact);
    const chosen = chosenFiles(manifest, output, instance);
    for (const { path, blob, isOneOfMany = false } of chosen) {
      const own = await ownForm(path, manifest, { bench, context });
      const bytes =
        own ?? (blob ? await store.blob(blob) : Buffer.from(`${JSON.stringify(manifest.json, undefined, 1)}\n`));
      files.push({ path, bytes, isOneOfMany });
    }
  }
  expectWritable(files, output);
  return files;
}

// What a reporter calls its files is known here only, unless it declares their names.
function expectWritable(files: readonly WrittenOutput[], { path: output }: PlannedOutput): void {
  const clashOf = clashFinder();
  for (const { path } of files) {
    const problem = clashOf({ output, path, isFolder: false });
    if (problem !== undefined) throw new StudyError('runner/outputs-clash', `The output "${output}": ${problem}`);
  }
}

interface ChosenFile {
  readonly path: string;
  /** The blob to write; absent for the JSON part. */
  readonly blob?: string;
  readonly isOneOfMany?: boolean;
}

/** One file for a single artifact; a folder where there are several artifacts or all files of a report. */
function chosenFiles({ kind, blobs }: Manifest, output: PlannedOutput, instance: string): readonly ChosenFile[] {
  const { sources, file, beside } = output;
  const at = sourcePath(output, instance);
  if (kind === 'files' && file === undefined) {
    return Object.entries(blobs).map(([name, { sha256 }]) => ({
      ...{ path: pathInside(at, name), blob: sha256 },
      isOneOfMany: name.includes('/'),
    }));
  }
  if (kind === 'files') {
    const own = { path: at, blob: namedFile(blobs, file!, instance) };
    const belonging = Object.entries(blobs).flatMap(([name, { sha256 }]) =>
      beside !== undefined && name.startsWith(`${beside}/`)
        ? [{ path: pathBeside(at, name), blob: sha256, isOneOfMany: true }]
        : [],
    );
    return [own, ...belonging];
  }
  const arrays = Object.keys(blobs).find((name) => name.endsWith('.safetensors'));
  return [{ path: sources.length > 1 ? `${at}${endings[kind]}` : at, ...(arrays && { blob: blobs[arrays]!.sha256 }) }];
}

/** `report.html` of the node `report` is its file `html` or, as people write it, its file `report.html`. */
function namedFile(blobs: Manifest['blobs'], file: string, instance: string): string {
  const node = localName(nodeOf(instance));
  const found = [file, `${node}.${file}`].find((name) => Object.hasOwn(blobs, name));
  if (found !== undefined) return blobs[found]!.sha256;
  throw new StudyError(
    'study/invalid',
    `"${instance}" wrote no file "${file}".${suggestion(file, Object.keys(blobs))}`,
  );
}

// A disk takes several files in about the time of one; a system has so many open at most.
const filesAtOnce = 32;

/** Writes `files` under `folder`. */
export async function writeFiles(folder: string, files: readonly WrittenOutput[]): Promise<void> {
  const waiting = files.values();
  const write = async (): Promise<void> => {
    for (const { path, bytes } of waiting) await writeDurably(join(folder, path), bytes);
  };
  await Promise.all(Array.from({ length: filesAtOnce }, write));
}

/** What to tell of written files: each by its path, those of a reporter's folder by that folder's. */
export function toldPaths(folder: string, files: readonly WrittenOutput[]): readonly string[] {
  return [...new Set(files.map(({ path, isOneOfMany }) => join(folder, isOneOfMany ? `${dirname(path)}/` : path)))];
}
