import { setImmediate } from 'node:timers/promises';
import { type NdArray, ndArray, rowSize, rows } from '@espalier/core';
import type { Ops, Tensor } from '@espalier/engine';

/** `work` on `atOnce` rows after the other. */
export async function eachChunk<Axes extends string>(
  inputs: NdArray<Axes>,
  atOnce: number,
  work: (chunk: NdArray<Axes>, start: number, end: number) => void,
): Promise<void> {
  const count = inputs.shape[0]!;
  for (let start = 0; start < count; start += atOnce) {
    if (start > 0) await setImmediate(); // keep signals and progress alive between blocking calls
    const end = Math.min(start + atOnce, count);
    work(rows(inputs, start, end), start, end);
  }
}

interface InChunks<Axes extends string> {
  readonly atOnce: number;
  /** Runs inside a scope. */
  readonly work: (chunk: NdArray<Axes>, start: number) => Tensor;
}

/** The results of `work` on parts of `inputs`, together an array as `output` says. What fits in one part is not copied again. */
export async function inChunks<Axes extends string, Output extends string>(
  ops: Ops,
  inputs: NdArray<Axes>,
  { axes, shape }: Pick<NdArray<Output>, 'axes' | 'shape'>,
  { atOnce, work }: InChunks<Axes>,
): Promise<NdArray<Output>> {
  const compute = (chunk: NdArray<Axes>, start: number) => ops.scope(() => ops.download(work(chunk, start)));
  const count = inputs.shape[0]!;
  if (count > 0 && count <= atOnce) return ndArray(axes, [...shape], compute(inputs, 0));
  const outputs = ndArray(axes, [...shape]);
  await eachChunk(inputs, atOnce, (chunk, start) => {
    outputs.data.set(compute(chunk, start), start * rowSize(outputs));
  });
  return outputs;
}
