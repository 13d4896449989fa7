import { type Model, ndArray } from '@espalier/core';
import type { Matrix } from '../matrix.ts';
import { scrambledSobol } from './sobol-points.ts';
import { type PickFreeze, totalSobol } from './total-sobol.ts';

/** Where the importance of concepts is measured: a logit as a function of the activations of a layer. */
export interface Head {
  readonly model: Model;
  readonly layer: string;
  readonly classIndex: number;
}

/** Which masks are tried. Counts are powers of two, for which a Sobol set is balanced. */
export interface Design {
  /** Masks per replicate to begin with; doubled until the error is small enough. */
  readonly points: number;
  readonly maxPoints: number;
  /** Designs, each scrambled by itself, whose spread is the error; at least 2. */
  readonly replicates: number;
  /** Enough when the standard error of every concept is at most this. */
  readonly errorTarget: number;
  readonly seed: number;
}

/** What concepts rebuild in one image. */
export interface ImageCodes {
  /** h w r */
  readonly codes: Float32Array;
  /** h w d: what stays when all concepts are gone; absent means nothing does. */
  readonly rest?: Float32Array;
  /** What the layer has before its places and no mask changes: class tokens. */
  readonly leading?: Float32Array;
  /** Whether the layer has negative values, as none has that is not said to. */
  readonly isSigned?: boolean;
}

/** Total Sobol indices and their standard errors: one of each per concept. */
export interface Importance {
  readonly importance: Float64Array;
  readonly error: Float64Array;
}

// What one call of the model may take: enough to keep an engine busy, little beside the model's own memory.
const bytesPerCall = 64 * 2 ** 20;

/**
 * Total Sobol index of every concept in one image, averaged over replicates of the design, and its standard error.
 *
 * A mask in [0, 1]^r scales the codes of each concept at all places at once; the rest of the network turns the
 * reconstruction into the class's logit. Indices are clipped to 1, which estimates can exceed by chance.
 *
 * @param directions V = W', d r
 */
export async function conceptImportance(
  head: Head,
  image: ImageCodes,
  directions: Matrix,
  { points, maxPoints, replicates, errorTarget, seed }: Design,
): Promise<Importance> {
  const inputs = directions.columns;
  let outputs: readonly Float64Array[] = Array.from({ length: replicates }, () => new Float64Array(0));
  for (let count = points; ; count *= 2) {
    const estimates: Float64Array[] = [];
    const grown: Float64Array[] = [];
    for (const [replicate, known] of outputs.entries()) {
      const { A, B } = maskPairs(count, inputs, seed, replicate);
      // A longer Sobol set begins with the shorter one, whose outputs are known.
      const start = (known.length / (inputs + 1)) * inputs;
      const added = await logitsOfMasks(head, image, directions, {
        inputs,
        A: A.subarray(start),
        B: B.subarray(start),
      });
      const all = new Float64Array(known.length + added.length);
      all.set(known);
      all.set(added, known.length);
      grown.push(all);
      estimates.push(totalSobol({ inputs, A, B, outputs: all }));
    }
    outputs = grown;
    const result = summarise(estimates);
    if (2 * count > maxPoints || result.error.every((error) => error <= errorTarget)) return result;
  }
}

/**
 * Two independent sets of masks: input i has dimensions 2i and 2i + 1 of one scrambled Sobol set, because
 * neighbouring dimensions fill their square most evenly.
 */
export function maskPairs(
  points: number,
  inputs: number,
  seed: number,
  replicate: number,
): Pick<PickFreeze, 'A' | 'B'> {
  const set = scrambledSobol(points, 2 * inputs, seed, replicate);
  return { A: set.filter((_, i) => i % 2 === 0), B: set.filter((_, i) => i % 2 === 1) };
}

function summarise(estimates: readonly Float64Array[]): Importance {
  const count = estimates.length;
  const mean = estimates[0]!.map((_, k) => estimates.reduce((sum, estimate) => sum + estimate[k]!, 0) / count);
  const error = mean.map((center, k) => {
    const squares = estimates.reduce((sum, estimate) => sum + (estimate[k]! - center) ** 2, 0);
    return Math.sqrt(squares / (count - 1) / count);
  });
  return { importance: mean.map((value) => Math.min(1, value)), error };
}

/** Logits of the class: for each point at A, then at A with each column from B. */
export async function logitsOfMasks(
  { model, layer, classIndex }: Head,
  image: ImageCodes,
  directions: Matrix,
  { inputs, A, B }: Pick<PickFreeze, 'inputs' | 'A' | 'B'>,
): Promise<Float64Array> {
  const { height, width, features } = model.layers.find(({ name }) => name === layer)!;
  const size = height * width * features;
  const points = A.length / inputs;
  const perPoint = inputs + 1;
  const pointsPerCall = Math.max(1, Math.floor(bytesPerCall / (4 * size * perPoint)));
  const W = conceptRows(directions);
  const logits = new Float64Array(points * perPoint);
  for (let start = 0; start < points; start += pointsPerCall) {
    const count = Math.min(pointsPerCall, points - start);
    const batch = ndArray('n h w d', [count * perPoint, height, width, features]);
    for (let point = 0; point < count; point++) {
      const masks = [start + point, start + point + 1].map((at) => at * inputs) as [number, number];
      const rows = Array.from({ length: perPoint }, (_, i) => {
        return batch.data.subarray((point * perPoint + i) * size, (point * perPoint + i + 1) * size);
      });
      writePoint(rows, image, W, A.subarray(...masks), B.subarray(...masks));
    }
    const { data, shape } = await model.classify(batch, layer);
    for (let i = 0; i < count * perPoint; i++) logits[start * perPoint + i] = data[i * shape[1]! + classIndex]!;
  }
  return logits;
}

/** Reconstructions at the mask A, and at A with each column from B: these differ from the first in one concept only. */
function writePoint(
  rows: readonly Float32Array[],
  { codes, rest, leading = new Float32Array(0), isSigned = false }: ImageCodes,
  W: readonly Float32Array[],
  A: Float64Array,
  B: Float64Array,
): void {
  for (const row of rows) row.set(leading);
  const [base, ...others] = rows.map((row) => row.subarray(leading.length)) as [Float32Array, ...Float32Array[]];
  if (rest) base.set(rest);
  W.forEach((direction, k) => {
    addConcept(base, codes.subarray(k), W.length, direction, A[k]!);
  });
  W.forEach((direction, k) => {
    const changed = others[k]!; // one for each concept
    changed.set(base);
    addConcept(changed, codes.subarray(k), W.length, direction, B[k]! - A[k]!);
  });
  if (!rest || isSigned) return;
  // Where concepts rebuild too much, what stays without them is negative, and the layer has no such values.
  for (const row of [base, ...others]) for (let i = 0; i < row.length; i++) row[i] = Math.max(0, row[i]!);
}

/** Adds `mask` times the concept at every place; its code at place i is `codes[i x stride]`. */
function addConcept(
  out: Float32Array,
  codes: Float32Array,
  stride: number,
  direction: Float32Array,
  mask: number,
): void {
  const features = direction.length;
  for (let at = 0, code = 0; at < out.length; at += features, code += stride) {
    const strength = mask * codes[code]!;
    if (strength === 0) continue;
    for (let d = 0; d < features; d++) out[at + d]! += strength * direction[d]!;
  }
}

function conceptRows({ rows, columns, data }: Matrix): Float32Array[] {
  return Array.from({ length: columns }, (_, k) =>
    Float32Array.from({ length: rows }, (_, d) => data[d * columns + k]!),
  );
}
