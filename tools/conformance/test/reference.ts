import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  createFrom,
  type Model,
  type NdArray,
  ndArray,
  plainServices,
  readSafetensors,
  type StudyError,
} from '@espalier/core';
import { resnet18 } from '@espalier/model-resnet';
import { openEngine } from '@espalier/model-tfjs';

/** What reference.json holds of the values that other tools computed; its README says how. */
export interface Reference {
  readonly sample_ids: readonly string[];
  readonly labels: readonly number[];
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
        /** Of the pruned model in training mode: BatchNorm normalises with the statistics of these four images. */
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

/** Whether wasm, too, is held to all reference images, which takes minutes: ESPALIER_CONFORMANCE=whole. */
export const isWhole = process.env.ESPALIER_CONFORMANCE === 'whole';

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
  const input = { height: 224, width: 224, channels: 3, mean, std };
  return factory.create({ input, classes: [...'0123456789'] }, 0);
}

/** The first `count` images of gradients.safetensors and their labels. */
export function explainedImages(count: number): { images: NdArray<'n h w c'>; labels: readonly number[] } {
  const tensors = readTensors('gradients.safetensors');
  const pixels = tensors.get('images_u8')!.data.subarray(0, count * 224 * 224 * 3);
  const images = ndArray(
    'n h w c',
    [count, 224, 224, 3],
    pixels.map((byte) => byte / 255),
  );
  return { images, labels: [...tensors.get('labels')!.data.subarray(0, count)] };
}

/** ||found - expected|| / ||expected|| over the values that were found. */
export function relativeDistance(found: Float32Array, expected: Float32Array): number {
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
