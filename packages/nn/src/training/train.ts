import { setImmediate } from 'node:timers/promises';
import {
  type Batch,
  type BatchSource,
  type Checkpoint,
  type EpochRecord,
  expectShape,
  type InputSpec,
  type Masks,
  StudyError,
  type TrainHooks,
  type TrainOptions,
  type Weights,
} from '@espalier/core';
import type { DType, Ops } from '@espalier/engine';
import type { Network } from '../graph/network.ts';
import { deviceParametersOf, parametersOf } from '../graph/parameters.ts';
import { checkClassIndices, checkWeights } from '../inputs/checks.ts';
import { applyMasks } from '../inputs/masks.ts';
import { normalised } from '../inputs/normalise.ts';
import { crossEntropy } from './cross-entropy.ts';
import { Optimizer } from './optimizers/optimizer.ts';
import { learningRateAt } from './optimizers/schedule.ts';
import { TrainingNetwork } from './training-network.ts';

/** What is trained, where, and from what. */
export interface TrainingStart {
  readonly ops: Ops;
  readonly dtype: DType;
  readonly network: Network;
  readonly input: InputSpec;
  readonly classes: number;
  readonly weights: Weights;
  readonly masks: Masks;
  readonly history: readonly EpochRecord[];
}

export interface TrainingResult {
  readonly weights: Weights;
  readonly history: readonly EpochRecord[];
}

/**
 * Trains and returns new weights; epochs in the history count on from the ones before.
 *
 * @throws StudyError `core/training-diverged` when the loss is not finite; the signal's reason when aborted
 */
export async function train(
  start: TrainingStart,
  source: BatchSource,
  options: TrainOptions,
  hooks: TrainHooks = {},
): Promise<TrainingResult> {
  const { weights, history, epoch } = startingPoint(start, hooks.resume);
  if (epoch >= options.epochs) return { weights, history };
  using run = new TrainingRun(start, weights, source, options, hooks);
  const records = [...history];
  for (let index = epoch; index < options.epochs; index++) {
    const record = await run.epoch(index);
    records.push({ ...record, epoch: records.length + 1 });
    await hooks.onEpoch?.(run.checkpoint(index + 1, records));
  }
  return { weights: run.finiteWeights(), history: records };
}

function startingPoint(start: TrainingStart, resume: Checkpoint | undefined): TrainingResult & { epoch: number } {
  if (!resume) return { weights: start.weights, history: start.history, epoch: 0 };
  checkWeights(parametersOf(start.network), resume.weights, start.network.architecture);
  return { weights: applyMasks(resume.weights, start.masks), history: resume.history, epoch: resume.epoch };
}

class TrainingRun implements Disposable {
  readonly #start: TrainingStart;
  readonly #source: BatchSource;
  readonly #options: TrainOptions;
  readonly #hooks: TrainHooks;
  readonly #network: TrainingNetwork;
  readonly #optimizer: Optimizer;
  readonly #steps: number;
  #step: number;
  #done: number;
  #last: Moment = { epoch: 0, step: 0, learningRate: 0 };

  constructor(start: TrainingStart, weights: Weights, source: BatchSource, options: TrainOptions, hooks: TrainHooks) {
    const { ops, network, dtype, masks } = start;
    this.#start = start;
    this.#source = source;
    this.#options = options;
    this.#hooks = hooks;
    this.#steps = options.epochs * source.batchesPerEpoch;
    this.#step = hooks.resume?.step ?? 0;
    this.#done = (hooks.resume?.epoch ?? 0) * source.imagesPerEpoch;
    const trained = deviceParametersOf(network).filter(({ role }) => role !== 'statistic');
    this.#network = new TrainingNetwork(ops, network, weights, dtype);
    this.#optimizer = new Optimizer(ops, trained, options, masks, hooks.resume?.optimizer);
  }

  async epoch(index: number): Promise<Omit<EpochRecord, 'epoch'>> {
    let [loss, correct, images, learningRate] = [0, 0, 0, 0];
    for await (const batch of this.#source.epoch(index)) {
      await setImmediate(); // the steps block: let decoders, timers and signals have their turn between them
      this.#hooks.signal?.throwIfAborted();
      learningRate = learningRateAt(this.#options, this.#step, this.#steps);
      const result = this.#trainOn(batch, learningRate, index);
      loss += result.loss * batch.labels.length;
      correct += result.correct;
      images += batch.labels.length;
      this.#done += batch.labels.length;
      const total = this.#options.epochs * this.#source.imagesPerEpoch;
      this.#hooks.onStep?.({ epoch: index, step: this.#step, done: this.#done, total, loss: result.loss });
    }
    if (images === 0)
      throw new StudyError('core/data-missing', 'Training found no images: the batch source gave no batch.');
    return { loss: loss / images, accuracy: correct / images, learningRate };
  }

  /** The weights now. The last step's loss was finite; what it did to the weights may not be. */
  finiteWeights(): Weights {
    const weights = this.#network.weights();
    for (const [name, { data }] of weights) {
      const value = data.find((each) => !Number.isFinite(each));
      if (value !== undefined) throw diverged(`"${name}" became ${value} after`, this.#last);
    }
    return weights;
  }

  checkpoint(epoch: number, history: readonly EpochRecord[]): Checkpoint {
    const optimizer = this.#optimizer.state();
    return { epoch, weights: this.finiteWeights(), optimizer, step: this.#step, history: [...history] };
  }

  [Symbol.dispose](): void {
    this.#network[Symbol.dispose]();
    this.#optimizer[Symbol.dispose]();
  }

  #trainOn({ images, labels }: Batch, learningRate: number, epoch: number): { loss: number; correct: number } {
    const { ops, input, classes } = this.#start;
    expectShape(images, [null, input.height, input.width, input.channels], 'Training images');
    checkClassIndices(labels, images.shape[0]!, classes);
    const step = ++this.#step;
    this.#last = { epoch, step, learningRate };
    let result = { loss: 0, correct: 0 };
    ops.scope(() => {
      const x = ops.adopt(normalised(images.data, input), images.shape);
      const differentiate = (logits: Float32Array): Float32Array => {
        const { gradient, ...measured } = crossEntropy(logits, labels, this.#options.labelSmoothing);
        if (!Number.isFinite(measured.loss)) throw diverged(`the loss became ${measured.loss} in`, this.#last);
        result = measured;
        return gradient;
      };
      this.#network.pass(x, differentiate, (parameter, weight, gradient) => {
        this.#optimizer.update(parameter, weight, gradient, learningRate, step);
      });
    });
    return result;
  }
}

/** A step, both counts as the code has them: epochs from 0, steps from 1. */
interface Moment {
  readonly epoch: number;
  readonly step: number;
  readonly learningRate: number;
}

function diverged(what: string, at: Moment): StudyError {
  const rate = Number(at.learningRate.toPrecision(3));
  return new StudyError(
    'core/training-diverged',
    `Training diverged: ${what} epoch ${at.epoch + 1}, step ${at.step}, at learning rate ${rate}. ` +
      `Try a peak learning rate ten times smaller, or a longer warmup; if that does not help, look for broken images.`,
  );
}
