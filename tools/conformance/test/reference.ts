import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createFrom, type Model, type NdArray, ndArray, plainServices, rows, type StudyError } from '@espalier/core';
import { decodeImage } from '@espalier/data-folder';
import { openEngine } from '@espalier/engine';
import { readSafetensors } from '@espalier/formats';
import { resnet18 } from '@espalier/model-resnet';

/** What reference.json holds of the values that other tools computed; its README says how. */
export interface Reference {
  readonly sample_ids: readonly string[];
  readonly labels: readonly number[];
  /** One row per image, one column per class. */
  readonly logits: readonly (readonly number[])[];
  readonly gradient_subset: readonly string[];
  readonly ig_gausslegendre50_delta: readonly number[];
  readonly quantus_sparseness_vg_abs_channelsum: readonly number[];
  readonly quantus_sparseness_ig_gl50_channelsum: readonly number[];
  readonly road_sample_ids: readonly string[];
  readonly road: Readonly<
    Record<'vg' | 'ig', { readonly percentages: readonly number[]; readonly hits: readonly (readonly number[])[] }>
  >;
  readonly craft: {
    readonly class: number;
    readonly files: readonly string[];
    readonly patch: number;
    readonly concepts: number;
    readonly 'best_sklearn_relative_error_tol1e-6': number;
    readonly total_sobol_n1024_first2: readonly (readonly number[])[];
  };
  readonly prune: Readonly<
    Record<
      string,
      {
        readonly kept_per_kernel: Readonly<Record<string, number>>;
        /** Of the pruned model in training mode: BatchNorm normalises with the statistics of the first images, which these are. */
        readonly logits_first4: readonly (readonly number[])[];
      }
    >
  >;
}

/** What the reference's images are normalised with. */
export const mean = [0.485, 0.456, 0.406] as const;
export const std = [0.229, 0.224, 0.225] as const;

// Made from photographs, so no part of the repository.
export const folder = process.env.ESPALIER_REFERENCE ?? resolve(import.meta.dirname, '../../../../shared/reference');
export const pictures = resolve(folder, '../data/imagenette2-224');
export const hasReference = existsSync(resolve(folder, 'reference.json'));
export const hasTensorflow = await openEngine({ engine: 'tensorflow' }).then(
  () => true,
  (_: StudyError) => false,
);

/** `few`, or all there are where ESPALIER_CONFORMANCE=whole asks for it, which takes minutes. Each image is compared by itself. */
export function fewOrAll(few: number): number {
  return process.env.ESPALIER_CONFORMANCE === 'whole' ? Number.POSITIVE_INFINITY : few;
}

export function readReference(): Reference {
  return JSON.parse(readFileSync(resolve(folder, 'reference.json'), 'utf8'));
}

export function readTensors(name: string): ReadonlyMap<string, NdArray> {
  return readSafetensors(readFileSync(resolve(folder, name)), name).tensors;
}

/** The reference's ResNet-18 on an engine, in float32. */
export async function referenceModel(engine: 'tensorflow' | 'wasm'): Promise<Model> {
  const compute = { engine, inference: 'exact', training: 'exact' } as const;
  const weights = resolve(folder, 'resnet18-imagenette.safetensors');
  const factory = await createFrom(resnet18, { weights }, plainServices({ compute }));
  const [, height, width, channels] = imageShape(readTensors('gradients.safetensors'));
  return factory.create({ input: { height, width, channels, mean, std }, classes: classNames() }, 0);
}

/** A name for each class that the reference's model tells apart. */
export function classNames(): readonly string[] {
  return readReference().logits[0]!.map((_, k) => `class ${k}`);
}

/** The first images of gradients.safetensors and their labels: as many as `name` there has values of, at most `most`. */
export function explainedImages(
  name: string,
  most = Number.POSITIVE_INFINITY,
): { images: NdArray<'n h w c'>; labels: readonly number[]; expected: NdArray } {
  const tensors = readTensors('gradients.safetensors');
  const values = tensors.get(name)!;
  const count = Math.min(values.shape[0]!, most);
  const [, ...size] = imageShape(tensors);
  const pixels = rows(tensors.get('images_u8')!, 0, count).data;
  const images = ndArray(
    'n h w c',
    [count, ...size],
    pixels.map((byte) => byte / 255),
  );
  const labels = [...tensors.get('labels')!.data.subarray(0, count)];
  return { images, labels, expected: rows(values, 0, count) };
}

/** Photographs of the reference in its order, row-major, divided by 255. */
export async function photographs(ids: readonly string[]): Promise<NdArray<'n h w c'>> {
  const [, ...size] = imageShape(readTensors('gradients.safetensors'));
  const images = ndArray('n h w c', [ids.length, ...size]);
  for (const [n, id] of ids.entries()) {
    const { data } = await decodeImage(resolve(pictures, id));
    images.data.set(
      Float32Array.from(data, (byte) => byte / 255),
      n * data.length,
    );
  }
  return images;
}

function imageShape(tensors: ReadonlyMap<string, NdArray>): [number, number, number, number] {
  const [n, height, width, channels] = tensors.get('images_u8')!.shape;
  return [n!, height!, width!, channels!];
}

/** ||found - expected|| / ||expected||; both are of one size. */
export function relativeDistance(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) throw new Error(`${found.length} values against ${expected.length}`);
  let [difference, norm] = [0, 0];
  found.forEach((value, i) => {
    difference += (value - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  });
  return Math.sqrt(difference / norm);
}

export function largestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  return Array.from(found).reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
}
