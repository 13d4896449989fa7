import { existsSync } from 'node:fs';
import {
  type Batch,
  createFrom,
  type Masks,
  type Model,
  plainServices,
  proveSparsity,
  trainOptions,
} from '@espalier/core';
import { crossEntropy } from '@espalier/numerics';
import { magnitude } from '@espalier/pruner-magnitude';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  fewOrAll,
  hasReference,
  hasTensorflow,
  photographs,
  pictures,
  readReference,
  referenceModel,
} from './reference.ts';
import { torchMasks } from './torch-select.ts';

describe.skipIf(!hasReference)('pruning against torch.nn.utils.prune (skipped when: no reference values)', () => {
  const levels = hasReference ? Object.entries(readReference().prune) : [];
  const some = fewOrAll(0) > 0 ? levels : levels.filter((_, i) => i % 2 === 1);
  let model: Model;
  beforeAll(async () => {
    model = await referenceModel(hasTensorflow ? 'tensorflow' : 'wasm');
  });
  afterAll(() => model[Symbol.dispose]());

  // Selecting as PyTorch does takes a second, and two tests ask for the same.
  const selected = new Map<string, Promise<Masks>>();
  const torchMasksAt = (percent: string): Promise<Masks> => {
    const masks = selected.get(percent) ?? torchMasks(model, Number(percent) / 100);
    selected.set(percent, masks);
    return masks;
  };

  const prune = async (start: Model, options: object): Promise<Masks> =>
    (await createFrom(magnitude, options, plainServices())).mask(start, {});

  test.each(levels)(
    '%s %: kept counts per kernel are exactly PyTorch’s',
    async (percent, { kept_per_kernel }) => {
      const masks = await torchMasksAt(percent);
      expect(keptCounts(masks)).toEqual(kept_per_kernel);
    },
    300_000,
  );

  // PyTorch computed these logits in training mode. A training step says its loss, which pins them on any engine.
  test.skipIf(!existsSync(pictures)).each(levels.filter((_, i) => i % 3 === 1 || fewOrAll(0) > 0))(
    '%s %: the pruned model, in training mode, has PyTorch’s loss on the first images (skipped when: no ImageNette)',
    async (percent, { logits_first4: logits }) => {
      const batch = await firstImages(logits.length);
      const masks = await torchMasksAt(percent);
      using pruned = await model.masked(masks);
      const source = { imagesPerEpoch: logits.length, batchesPerEpoch: 1, epoch: () => once(batch) };
      using trained = await pruned.train(source, trainOptions.parse({ epochs: 1, learningRate: 1e-9 }));
      const losses = logits.map((row, i) => crossEntropy(row, batch.labels[i]!));
      // Another JPEG decoder may differ by one of 255 levels here and there.
      expect(trained.history[0]!.loss).toBeCloseTo(losses.reduce((total, loss) => total + loss, 0) / logits.length, 2);
    },
    300_000,
  );

  // The checkpoint is float16, so thousands of weights tie at each threshold; only which of those goes is open to us.
  test.each(some)(
    '%s %: with ties to the lower index the total is exact too',
    async (percent, { kept_per_kernel }) => {
      const masks = await prune(model, { sparsity: Number(percent) / 100 });
      expect(sum(keptCounts(masks))).toBe(sum(kept_per_kernel));
      const weights = [...masks.values()].reduce((total, mask) => total + mask.length, 0);
      for (const [name, kept] of Object.entries(keptCounts(masks))) {
        expect(Math.abs(kept - kept_per_kernel[name]!) / weights, name).toBeLessThan(1e-4);
      }
    },
    300_000,
  );

  test('level after level keeps as many weights as at once, and the model is as sparse as its masks', async () => {
    let current = model;
    for (const [percent, { kept_per_kernel }] of some) {
      const pruned = await current.masked(await prune(current, { sparsity: Number(percent) / 100 }));
      if (current !== model) current[Symbol.dispose]();
      current = pruned;
      const { kernels } = await proveSparsity(current);
      expect(kernels.reduce((total, { nonzero }) => total + nonzero, 0)).toBe(sum(kept_per_kernel));
    }
    current[Symbol.dispose]();
  }, 300_000);
});

/** The first images of the reference. */
async function firstImages(count: number): Promise<Batch> {
  const { sample_ids, labels } = readReference();
  return { images: await photographs(sample_ids.slice(0, count)), labels: labels.slice(0, count) };
}

async function* once(batch: Batch): AsyncGenerator<Batch> {
  yield batch;
}

function keptCounts(masks: Masks): Record<string, number> {
  return Object.fromEntries([...masks].map(([name, mask]) => [name, mask.reduce((kept, keep) => kept + keep, 0)]));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
