import { extname } from 'node:path';
import { readSafetensors } from '@espalier/formats';
import type { Manifest } from '../artifacts/index.ts';
import { modelMadeBy } from '../artifacts/model.ts';
import type { TaskSetup } from '../tasks/task-of.ts';

/** A model as its own plugin writes it, where it has a form with the ending of `path`; null for anything else. */
export async function ownForm(
  path: string,
  { kind, json, blobs }: Manifest,
  { bench, context }: Pick<TaskSetup, 'bench' | 'context'>,
): Promise<Uint8Array | null> {
  const weights = blobs['weights.safetensors'];
  if (kind !== 'model' || !weights || extname(path) === '.safetensors') return null;
  const madeBy = modelMadeBy(json);
  const { fileForms } = await bench.plugin('model', madeBy.package, madeBy.plugin, context);
  const form = fileForms?.[extname(path)];
  if (!form) return null;
  const { tensors } = readSafetensors(await bench.store.blob(weights.sha256), 'weights.safetensors');
  return form(madeBy.options, tensors, { folder: context.folder });
}
