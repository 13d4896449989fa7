import {
  createFrom,
  type Masks,
  type Model,
  type NdArray,
  ndArray,
  type PruneContext,
  plainServices,
  rows,
} from '@espalier/core';
import { describePruner, toyModel, toySample } from '@espalier/core/testing';
import { crossEntropy } from '@espalier/numerics';
import { snip, taylor } from '@espalier/pruner-gradient';
import { describe, expect, test } from 'vitest';

const context: PruneContext = { sample: toySample };

for (const scope of ['global', 'layerwise']) {
  describePruner(`snip, ${scope}`, (sparsity) => createFrom(snip, { sparsity, scope }, plainServices()), context);
  describePruner(
    `taylor, ${scope}`,
    (sparsity) => createFrom(taylor, { sparsity, scope, batchSize: 2 }, plainServices()),
    context,
  );
}

describe('what goes is least by finite differences of the loss, worked out weight by weight:', () => {
  test.each([
    { name: 'SNIP, |w dL/dw| of all images', batchSize: 6, mask: masksOf(snip, {}) },
    { name: 'Taylor, means of (w dL/dw)^2 over three batches', batchSize: 2, mask: masksOf(taylor, { batchSize: 2 }) },
    { name: 'Taylor, whose last batch is smaller', batchSize: 4, mask: masksOf(taylor, { batchSize: 4 }) },
    { name: 'Taylor, each image by itself', batchSize: 1, mask: masksOf(taylor, { batchSize: 1 }) },
  ])('$name', async ({ batchSize, mask }) => {
    const masks = await mask(toyModel());
    const slow = await slowSaliencies(batchSize);
    const values = (keep: number) =>
      [...masks].flatMap(([name, bytes]) => slow.get(name)!.filter((_, i) => bytes[i] === keep));
    expect(values(0)).toHaveLength(38); // of 75: halves to even
    const largest = Math.max(...values(1));
    expect(Math.max(...values(0))).toBeLessThan(Math.min(...values(1)) + 1e-4 * largest);
    expect(Math.max(...values(0))).toBeLessThan(largest / 2);
  });
});

test('over one batch of all images, Taylor orders single weights as SNIP does; over several it does not', async () => {
  const [one, many] = [masksOf(taylor, { batchSize: 6 }), masksOf(taylor, { batchSize: 1 })];
  const expected = await masksOf(snip, {})(toyModel());
  expect(await one(toyModel())).toEqual(expected);
  expect(await many(toyModel())).not.toEqual(expected);
});

test('worked by hand: slopes count as much as weights do, signs do not, and of equals the first goes', async () => {
  const model = flatModel([1, -2, 4, 3], [4, 1, -0.5, 1]); // products 4, -2, -2, 3
  const removed = async (sparsity: number) =>
    [...(await masksOf(snip, { sparsity })(model)).get('a')!].flatMap((keep, i) => (keep === 0 ? [i] : []));
  expect(await removed(0.25)).toEqual([1]);
  expect(await removed(0.5)).toEqual([1, 2]);
  expect(await removed(0.75)).toEqual([1, 2, 3]);
});

test('products whose squares float32 cannot hold keep their order', async () => {
  const model = flatModel([1, 1, 1, 1], [3e-30, 1e-30, 4e-30, 2e-30]);
  expect([...(await masksOf(taylor, {})(model)).get('a')!]).toEqual([1, 0, 1, 0]);
});

test.each([snip, taylor])('$title without images is refused, and says what to connect', async (plugin) => {
  const pruner = await createFrom<'pruner', never>(plugin as never, { sparsity: 0.5 }, plainServices());
  const refused = (found: string) => ({
    code: 'core/images-missing',
    message: `${plugin.title} ranks weights by gradients on labelled training images; found ${found}. Connect its input "data" to images, for example to data.train.`,
  });
  await expect(pruner.mask(toyModel(), {})).rejects.toMatchObject(refused('no sample'));
  const none = async () => ({ images: ndArray('n h w c', [0, 8, 8, 3]), labels: [] });
  await expect(pruner.mask(toyModel(), { sample: none })).rejects.toMatchObject(refused('a sample of none'));
});

test('a kernel that loses all its weights is reported', async () => {
  const lines: string[] = [];
  const services = plainServices({ log: (line) => lines.push(line) });
  const unread = { ...toyModel(), parameterGradient: async () => zeroed(await toyModel().weights(), 'fc.weight') };
  for (const plugin of [snip, taylor]) {
    const pruner = await createFrom<'pruner', never>(plugin as never, { sparsity: 0.2 }, services);
    await pruner.mask(unread, context);
  }
  expect(lines).toEqual(Array(2).fill('fc.weight loses all its weights at sparsity 0.2'));
});

function masksOf(plugin: typeof snip | typeof taylor, options: object): (model: Model) => Promise<Masks> {
  return async (model) => {
    const asked = { sparsity: 0.5, ...options };
    return (await createFrom<'pruner', never>(plugin as never, asked, plainServices())).mask(model, context);
  };
}

/** One kernel of four weights with given slopes, whatever the images. */
function flatModel(values: readonly number[], slopes: readonly number[]): Model {
  const kernel = (numbers: readonly number[]) => new Map([['a', ndArray('i', [4], Float32Array.from(numbers))]]);
  return {
    ...toyModel(),
    parameters: [{ name: 'a', shape: [4], role: 'kernel' }],
    weights: async () => kernel(values),
    parameterGradient: async () => kernel(slopes),
  };
}

function zeroed(weights: Awaited<ReturnType<Model['weights']>>, which: string): typeof weights {
  return new Map(
    [...weights].map(([name, array]) => [name, { ...array, data: array.data.map(() => (name === which ? 0 : 1)) }]),
  );
}

/** Means over batches of (w dL/dw)^2, the slope from the losses a step to either side of each weight. */
async function slowSaliencies(batchSize: number): Promise<ReadonlyMap<string, number[]>> {
  const { images, labels } = await toySample();
  const weights = await toyModel().weights();
  const saliencies = new Map<string, number[]>();
  for (const name of ['conv.weight', 'fc.weight']) {
    const all = weights.get(name)!;
    const slopeOf = async (index: number, from: number) => {
      const to = Math.min(from + batchSize, labels.length);
      const [above, below] = await Promise.all(
        [1, -1].map(async (sign) => {
          const moved = all.data.map((value, i) => (i === index ? value + sign * step : value));
          const model = await toyModel().withWeights(new Map([...weights, [name, { ...all, data: moved }]]));
          return lossOf(model, rows(images, from, to), labels.slice(from, to));
        }),
      );
      return (above! - below!) / (2 * step);
    };
    const starts = Array.from({ length: Math.ceil(labels.length / batchSize) }, (_, i) => i * batchSize);
    const found = [...all.data].map(async (value, i) => {
      const slopes = await Promise.all(starts.map((from) => slopeOf(i, from)));
      return slopes.reduce((sum, slope) => sum + (value * slope) ** 2, 0) / starts.length;
    });
    saliencies.set(name, await Promise.all(found));
  }
  return saliencies;
}

const step = 2e-3;

/** Mean cross-entropy. */
async function lossOf(model: Model, images: NdArray<'n h w c'>, labels: readonly number[]): Promise<number> {
  const logits = await model.predict(images);
  const losses = labels.map((label, n) => crossEntropy(rows(logits, n, n + 1).data, label));
  return losses.reduce((sum, loss) => sum + loss, 0) / labels.length;
}
