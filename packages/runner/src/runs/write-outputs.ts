import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { writeDurably } from '@espalier/store';
import {
  clashFinder,
  endings,
  localName,
  type PlannedOutput,
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
    for (const { path, blob } of chosen) {
      const own = await ownForm(path, manifest, { bench, context });
      const bytes =
        own ?? (blob ? await store.blob(blob) : Buffer.from(`${JSON.stringify(manifest.json, undefined, 1)}\n`));
      files.push({ path, bytes });
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
}

/** One file for a single artifact; a folder where there are several artifacts or all files of a report. */
function chosenFiles({ kind, blobs }: Manifest, output: PlannedOutput, instance: string): readonly ChosenFile[] {
  const { sources, file } = output;
  const at = sourcePath(output, instance);
  if (kind === 'files' && file === undefined) {
    return Object.entries(blobs).map(([name, { sha256 }]) => ({ path: pathInside(at, name), blob: sha256 }));
  }
  if (kind === 'files') return [{ path: at, blob: namedFile(blobs, file!, instance) }];
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

/** Writes `files` under `folder` and returns their paths. */
export async function writeFiles(folder: string, files: readonly WrittenOutput[]): Promise<readonly string[]> {
  return Promise.all(
    files.map(async ({ path, bytes }) => {
      await writeDurably(join(folder, path), bytes);
      return join(folder, path);
    }),
  );
}
