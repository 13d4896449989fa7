import { type ComputeOptions, type Model, type NdArray, ndArray, randomStream, trainOptions } from '@espalier/core';
import { openEngine } from '@espalier/engine';
import { mobilenetV2Network } from '@espalier/model-mobilenet';
import { resnet } from '@espalier/model-resnet';
import { vit } from '@espalier/model-vit';
import { type Network, networkModel, parametersOf } from '@espalier/nn';
import { initialWeights, usualInitial } from '@espalier/nn/architectures';

export type Work = 'forward' | 'gradient' | 'training';
export type Arithmetic = 'exact' | 'fast';

/** A network by the name that the script of PyTorch knows it by. */
export type BenchNetwork = 'resnet18' | 'resnet50' | 'mobilenet_v2' | 'vit_b_16';

/** One network at one image size and batch size. */
export interface BenchCase {
  readonly network: BenchNetwork;
  readonly size: number;
  readonly batch: number;
}

/** The time that passes; or what a process computes, all threads together, for a machine that is busy with other work. */
export type Clock = 'wall' | 'cpu';

/** The three things an engine does, as seconds per run of one batch. */
export interface EngineWorks extends Disposable {
  readonly version: string;
  /** Whether this computes in bfloat16. */
  readonly isFast: boolean;
  seconds(work: Work): Promise<number>;
  logits(): Promise<NdArray<'n k'>>;
}

const classes = 10;

const networks: Record<BenchNetwork, (size: number) => Network> = {
  resnet18: () => resnet('resnet18', 64, { classes }),
  resnet50: () => resnet('resnet50', 64, { classes }),
  mobilenet_v2: () => mobilenetV2Network(1, { classes }),
  vit_b_16: (size) => vit('vit-b-16', { classes, height: size, width: size }),
};

/** A network with random weights on random images, the same every time. */
export async function engineWorks(
  engine: ComputeOptions['engine'],
  arithmetic: Arithmetic,
  { network: name, size, batch }: BenchCase,
  clock: Clock,
): Promise<EngineWorks> {
  const ops = await openEngine({ engine });
  const network = networks[name](size);
  const input = { height: size, width: size, channels: 3, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  const model = networkModel({
    ops,
    compute: { inference: arithmetic, training: arithmetic },
    network,
    spec: { input, classes: Array.from({ length: classes }, (_, k) => `class ${k}`) },
    weights: initialWeights(parametersOf(network), usualInitial, 0),
    masks: new Map(),
    history: [],
  });
  const stream = randomStream(0, 'engine-bench');
  const images = ndArray('n h w c', [batch, size, size, 3]);
  for (let i = 0; i < images.data.length; i++) images.data[i] = stream.uniform();
  const labels = Array.from({ length: batch }, (_, i) => i % classes);
  let training: ReturnType<typeof stepwiseTraining> | undefined;
  const run: Record<Work, () => Promise<number>> = {
    forward: () => timed(clock, () => model.predict(images)),
    gradient: () => timed(clock, () => model.inputGradient(images, labels)),
    training() {
      training ??= stepwiseTraining(model, images, labels, clock);
      return training.seconds();
    },
  };
  return {
    version: `${ops.engine} ${ops.version}`,
    isFast: model.numerics.inference === 'fast',
    seconds: (work) => run[work](),
    logits: () => model.predict(images),
    [Symbol.dispose]() {
      training?.stop();
      model[Symbol.dispose]();
    },
  };
}

async function timed(clock: Clock, work: () => Promise<unknown>): Promise<number> {
  const start = now(clock);
  await work();
  return now(clock) - start;
}

/** Seconds. */
function now(clock: Clock): number {
  if (clock === 'wall') return performance.now() / 1000;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** A training run that takes one step each time it is asked for its seconds. */
function stepwiseTraining(model: Model, images: NdArray<'n h w c'>, labels: readonly number[], clock: Clock) {
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
      start = now(clock);
      yield { images, labels };
    },
  };
  const endless = trainOptions.parse({ epochs: 100_000, learningRate: 0.01, schedule: { name: 'constant' } });
  const running = model
    .train(source, endless, {
      signal: controller.signal,
      onStep: () => answer(now(clock) - start),
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
