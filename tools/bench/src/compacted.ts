import {
  type ComputeOptions,
  type Masks,
  type Model,
  type NdArray,
  ndArray,
  randomStream,
  sizeOf,
} from '@espalier/core';
import { openEngine } from '@espalier/engine';
import { resnet } from '@espalier/model-resnet';
import { networkModel, parametersOf } from '@espalier/nn';
import { initialWeights, usualInitial } from '@espalier/nn/architectures';

const [size, batch, classes] = [224, 8, 10];

/**
 * ResNet-18 with half of the filters of every 3 x 3 convolution masked, before and after compacting: images/s in turns, and how far the logits
 * are apart.
 */
export async function benchCompacted(engine: ComputeOptions['engine'], runs: number): Promise<string> {
  const ops = await openEngine({ engine });
  using dense = denseModel(ops);
  using masked = await dense.masked(halfOfTheFilters(dense));
  using compacted = await masked.compacted();
  const images = randomImages();
  const [before, after] = [await masked.predict(images), await compacted.predict(images)]; // the first calls load the weights
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let run = 0; run < runs; run++) {
    for (const [i, model] of [masked, compacted].entries()) {
      const start = performance.now();
      await model.predict(images);
      best[i] = Math.min(best[i]!, performance.now() - start);
    }
  }
  const worst = before.data.reduce((most, value, i) => Math.max(most, Math.abs(value - after.data[i]!)), 0);
  return (
    `compacted ResNet-18, ${ops.engine} ${ops.version}, ${size} px, batch ${batch}, half of the filters masked: ` +
    `${(best[0]! / best[1]!).toFixed(2)}x images/s (bar: 1.5x); logits differ by ${worst.toExponential(0)} (bar: 1e-4); ` +
    `${valuesOf(compacted)} of ${valuesOf(masked)} parameters`
  );
}

function denseModel(ops: Awaited<ReturnType<typeof openEngine>>): Model {
  const network = resnet('resnet18', 64, { classes });
  const input = { height: size, width: size, channels: 3, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  return networkModel({
    ops,
    compute: { inference: 'exact', training: 'exact' },
    network,
    spec: { input, classes: Array.from({ length: classes }, (_, k) => `class ${k}`) },
    weights: initialWeights(parametersOf(network), usualInitial, 0),
    masks: new Map(),
    history: [],
  });
}

function halfOfTheFilters({ parameters }: Model): Masks {
  const kernels = parameters.filter(({ role, shape }) => role === 'kernel' && shape[2] === 3);
  return new Map(
    kernels.map(({ name, shape }) => {
      const stream = randomStream(0, name);
      const order = Array.from({ length: shape[0]! }, (_, o) => ({ o, at: stream.uniform() })).sort(
        (a, b) => a.at - b.at,
      );
      const goes = new Set(order.slice(0, shape[0]! / 2).map(({ o }) => o));
      const perOutput = sizeOf(shape) / shape[0]!;
      return [name, Uint8Array.from({ length: sizeOf(shape) }, (_, i) => Number(!goes.has(Math.floor(i / perOutput))))];
    }),
  );
}

function randomImages(): NdArray<'n h w c'> {
  const stream = randomStream(0, 'compacted-bench');
  const images = ndArray('n h w c', [batch, size, size, 3]);
  return { ...images, data: images.data.map(() => stream.uniform()) };
}

function valuesOf({ parameters }: Model): number {
  return parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
