import { type ComputeOptions, type Model, type NdArray, ndArray, randomStream, trainOptions } from '@espalier/core';
import { openEngine } from '@espalier/engine';
import { resnet } from '@espalier/model-resnet';
import { networkModel, parametersOf } from '@espalier/nn';
import { initialWeights, usualInitial } from '@espalier/nn/architectures';

export const works = ['forward', 'gradient', 'training'] as const;
export type Work = (typeof works)[number];
export type Arithmetic = 'exact' | 'fast';

/** One batch size at one image size. */
export interface BenchCase {
  readonly size: number;
  readonly batch: number;
}

/** The three things an engine does, as seconds per run of one batch. */
export interface EngineWorks extends Disposable {
  readonly version: string;
  /** Whether this computes in bfloat16. */
  readonly isFast: boolean;
  seconds(work: Work): Promise<number>;
  logits(): Promise<NdArray<'n k'>>;
}

/** ResNet-18 with random weights on random images, the same every time. */
export async function engineWorks(
  engine: ComputeOptions['engine'],
  arithmetic: Arithmetic,
  { size, batch }: BenchCase,
): Promise<EngineWorks> {
  const ops = await openEngine({ engine });
  const network = resnet('resnet18', 64, { classes: 10 });
  const input = { height: size, width: size, channels: 3, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  const model = networkModel({
    ops,
    compute: { inference: arithmetic, training: arithmetic },
    network,
    spec: { input, classes: Array.from({ length: 10 }, (_, k) => `class ${k}`) },
    weights: initialWeights(parametersOf(network), usualInitial, 0),
    masks: new Map(),
    history: [],
  });
  const stream = randomStream(0, 'engine-bench');
  const images = ndArray('n h w c', [batch, size, size, 3]);
  for (let i = 0; i < images.data.length; i++) images.data[i] = stream.uniform();
  const labels = Array.from({ length: batch }, (_, i) => i % 10);
  const training = stepwiseTraining(model, images, labels);
  const run: Record<Work, () => Promise<number>> = {
    forward: () => timed(() => model.predict(images)),
    gradient: () => timed(() => model.inputGradient(images, labels)),
    training: training.seconds,
  };
  return {
    version: `${ops.engine} ${ops.version}`,
    isFast: model.numerics.inference === 'fast',
    seconds: (work) => run[work](),
    logits: () => model.predict(images),
    [Symbol.dispose]() {
      training.stop();
      model[Symbol.dispose]();
    },
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** A training run that takes one step each time it is asked for its seconds. */
function stepwiseTraining(model: Model, images: NdArray<'n h w c'>, labels: readonly number[]) {
  const controller = new AbortController();
  let release = () => {};
  let asked = new Promise<void>((resolve) => {
    release = resolve;
  });
  let answer = (_: number) => {};
  let start = 0;
  const source = {
    imagesPerEpoch: labels.length,
    batchesPerEpoch: 1,
    async *epoch() {
      await asked;
      asked = new Promise((resolve) => {
        release = resolve;
      });
      start = performance.now();
      yield { images, labels };
    },
  };
  const endless = trainOptions.parse({ epochs: 100_000, learningRate: 0.01, schedule: { name: 'constant' } });
  const running = model
    .train(source, endless, {
      signal: controller.signal,
      onStep: () => answer((performance.now() - start) / 1000),
    })
    .catch((error: unknown) => {
      if (!controller.signal.aborted) throw error;
    });
  return {
    seconds: () => {
      const result = new Promise<number>((resolve) => {
        answer = resolve;
      });
      release();
      return Promise.race([result, running.then(() => Number.NaN)]);
    },
    stop: () => {
      controller.abort();
      release();
    },
  };
}
