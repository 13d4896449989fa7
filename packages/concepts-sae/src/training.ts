import { type Matrix, type Told, takeMatrixRows } from '@espalier/concept-activations';
import { type RandomStream, StudyError } from '@espalier/core';
import { above, batchThreshold, topK } from './activations.ts';
import { Adam } from './adam.ts';
import { type Autoencoder, beforeActivation, type SparseCodes, toUnitRows, untrained } from './autoencoder.ts';
import { geometricMedian } from './geometric-median.ts';
import { type Auxiliary, lossAndSlopes } from './loss.ts';

/** How a sparse autoencoder is trained. */
export interface TrainingOptions {
  /** Latents. */
  readonly concepts: number;
  /** Latents that stay, of each row, or on average. */
  readonly k: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly deadAfter: number;
  readonly auxiliary: number;
}

/** A trained autoencoder, of rows as they are. */
export interface Trained {
  readonly model: Autoencoder;
  /** Latents that are below it are none, where they are chosen by batches; 0 where they are chosen row by row. */
  readonly threshold: number;
  /** Latents that no row of the last steps, `deadAfter`, had. */
  readonly dead: number;
}

// As overcomplete averages thresholds over steps.
const momentum = 0.9;
// The rate falls to 0 over the last part of the steps.
const falling = 0.2;

/**
 * Trains a sparse autoencoder on rows, by Adam, from a geometric median and random directions. Rows are scaled so that features differ from the median
 * by 1 on average, whatever the layer, and what is found is scaled back.
 *
 * @param by whether latents are chosen in each row or in each batch
 * @throws StudyError `core/training-diverged`
 */
export function trainAutoencoder(
  rows: Matrix,
  by: 'row' | 'batch',
  options: TrainingOptions,
  { stream, told, signal }: { readonly stream: RandomStream; readonly told: Told; readonly signal: AbortSignal },
): Trained {
  const median = geometricMedian(rows);
  const scale = spreadOf(rows, median) || 1;
  const X: Matrix = { ...rows, data: rows.data.map((value) => value / scale) };
  const start = median.map((value) => value / scale);
  const model = untrained(options.concepts, start, stream);
  const slots = slotsOf(model);
  const lastFired = new Int32Array(options.concepts);
  const order = shuffledRows(X.rows, stream);
  let threshold = 0;
  for (let step = 1; step <= options.steps; step++) {
    signal.throwIfAborted();
    const batch = takeMatrixRows(X, order.next(Math.min(options.batchSize, X.rows)));
    const before = beforeActivation(model, batch);
    const least = by === 'batch' ? batchThreshold(before, options.k) : 0;
    threshold = step === 1 ? least : momentum * threshold + (1 - momentum) * least;
    const codes = by === 'batch' ? above(before, least) : topK(before, options.k);
    for (const latent of codes.latents) lastFired[latent] = step;
    const { loss, slopes } = lossAndSlopes(model, batch, codes, auxiliaryOf(before, { lastFired, step, ...options }));
    if (!Number.isFinite(loss)) throw diverged(step, options);
    const rate = options.learningRate * Math.min(1, (1 - (step - 1) / options.steps) / falling);
    alongSphere(slopes.decoder, model.decoder);
    for (const [values, own, adam] of slots(slopes)) adam.step(values, own, { step, rate });
    toUnitRows(model.decoder);
    told(step / options.steps);
  }
  const dead = lastFired.filter((step) => step <= options.steps - options.deadAfter).length;
  return { model: scaledBack(model, scale), threshold: scale * threshold, dead };
}

/** Root mean square of what features differ from the median by. */
function spreadOf({ data }: Matrix, median: Float64Array): number {
  return Math.sqrt(data.reduce((sum, value, i) => sum + (value - median[i % median.length]!) ** 2, 0) / data.length);
}

/** With rows as they were, latents are larger by `scale`, and so are biases. */
function scaledBack({ encoderBias, bias, ...model }: Autoencoder, scale: number): Autoencoder {
  const larger = (values: Float64Array) => values.map((value) => scale * value);
  return { ...model, encoderBias: larger(encoderBias), bias: larger(bias) };
}

/** Dead latents that would rebuild what the others leave, as many as half of the features (Gao et al. 2024). */
function auxiliaryOf(
  before: Matrix,
  {
    lastFired,
    step,
    deadAfter,
    auxiliary,
  }: TrainingOptions & { readonly lastFired: Int32Array; readonly step: number },
): Auxiliary | undefined {
  const isDead = Uint8Array.from(lastFired, (last) => Number(step - last >= deadAfter));
  if (auxiliary === 0 || !isDead.includes(1)) return undefined;
  const codes: SparseCodes = topK(before, Math.max(1, Math.floor(before.columns / 2)), isDead);
  return { codes, weight: auxiliary };
}

/** Takes off each slope what would change the length of its direction. */
function alongSphere(slopes: Matrix, { rows, columns, data }: Matrix): void {
  for (let i = 0; i < rows; i++) {
    let along = 0;
    for (let d = i * columns; d < (i + 1) * columns; d++) along += slopes.data[d]! * data[d]!;
    for (let d = i * columns; d < (i + 1) * columns; d++) slopes.data[d]! -= along * data[d]!;
  }
}

/** What is learned, beside its slopes and its optimizer. */
function slotsOf(model: Autoencoder) {
  const parts = (of: Autoencoder) => [of.encoder.data, of.encoderBias, of.decoder.data, of.bias];
  const values = parts(model);
  const optimizers = values.map(({ length }) => new Adam(length));
  return (slopes: Autoencoder) => parts(slopes).map((own, i) => [values[i]!, own, optimizers[i]!] as const);
}

/** All rows in an order drawn anew for each pass over them. */
function shuffledRows(count: number, stream: RandomStream) {
  let [order, at]: [number[], number] = [[], 0];
  return {
    next(size: number): readonly number[] {
      if (at + size > order.length) {
        order = stream.shuffled([...Array(count).keys()]);
        at = 0;
      }
      at += size;
      return order.slice(at - size, at);
    },
  };
}

function diverged(step: number, { learningRate }: TrainingOptions): StudyError {
  return new StudyError(
    'core/training-diverged',
    `The loss of the sparse autoencoder is not finite at step ${step}, with a \`learningRate\` of ${learningRate}. Lower it.`,
  );
}
