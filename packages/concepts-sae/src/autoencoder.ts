import { type Matrix, multiplyByTransposed, transposed, zeros } from '@espalier/concept-activations';
import type { RandomStream } from '@espalier/core';

/** z = activation(E (x - b) + c), and x is about b + z D; `L` latents, `d` features. */
export interface Autoencoder {
  /** E, L d. */
  readonly encoder: Matrix;
  /** c, L. */
  readonly encoderBias: Float64Array;
  /** D, L d: rows of length 1. */
  readonly decoder: Matrix;
  /** b, d. */
  readonly bias: Float64Array;
}

/** The latents of some rows that are not 0. */
export interface SparseCodes {
  /** Where the latents of each row begin in the others, and after the last row where they end. */
  readonly starts: Int32Array;
  readonly latents: Int32Array;
  readonly values: Float64Array;
}

/** Directions drawn evenly from the sphere, and an encoder that is their transpose. */
export function untrained(latents: number, bias: Float64Array, stream: RandomStream): Autoencoder {
  const columns = bias.length;
  const data = Float64Array.from({ length: latents * columns }, () => stream.normal());
  const decoder: Matrix = { rows: latents, columns, data };
  toUnitRows(decoder);
  return {
    encoder: { ...decoder, data: data.slice() },
    encoderBias: new Float64Array(latents),
    decoder,
    bias: bias.slice(),
  };
}

/** Rows scaled to length 1, in place; a row of zeros stays. */
export function toUnitRows({ rows, columns, data }: Matrix): void {
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * columns, (i + 1) * columns);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (length > 0) for (let d = 0; d < columns; d++) row[d]! /= length;
  }
}

/** E (x - b) + c for every row: n L. */
export function beforeActivation({ encoder, encoderBias, bias }: Autoencoder, rows: Matrix): Matrix {
  const out = zeros(rows.rows, encoder.rows);
  const centred = rows.data.map((value, i) => value - bias[i % bias.length]!);
  multiplyByTransposed({ ...rows, data: centred }, encoder, out);
  for (let i = 0; i < out.data.length; i++) out.data[i]! += encoderBias[i % encoderBias.length]!;
  return out;
}

/** b + z D for every row: n d. */
export function decoded({ decoder, bias }: Autoencoder, { starts, latents, values }: SparseCodes): Matrix {
  const columns = bias.length;
  const out = zeros(starts.length - 1, columns);
  for (let n = 0; n < out.rows; n++) {
    const row = out.data.subarray(n * columns, (n + 1) * columns);
    row.set(bias);
    for (let i = starts[n]!; i < starts[n + 1]!; i++) {
      const at = latents[i]! * columns;
      for (let d = 0; d < columns; d++) row[d]! += values[i]! * decoder.data[at + d]!;
    }
  }
  return out;
}

/** The same codes with their zeros: n L. */
export function dense({ starts, latents, values }: SparseCodes, count: number): Matrix {
  const out = zeros(starts.length - 1, count);
  for (let n = 0; n < out.rows; n++)
    for (let i = starts[n]!; i < starts[n + 1]!; i++) out.data[n * count + latents[i]!] = values[i]!;
  return out;
}

/** The columns of the decoder as a bank has its directions: d L. */
export function directionsOf({ decoder }: Autoencoder): Matrix {
  return transposed(decoder);
}
