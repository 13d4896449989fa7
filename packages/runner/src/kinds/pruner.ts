import {
  type Masks,
  type Model,
  type PruneContext,
  proveSparsity,
  randomStream,
  type SparsityProof,
  StudyError,
  trainOptions,
} from '@espalier/core';
import * as z from 'zod';
import type { SplitValue } from '../artifact-kinds.ts';
import { defineKind } from './node-kind.ts';

// The evaluated model may differ from its nominal sparsity by rounding of counts, not by more.
const sparsityTolerance = 1e-4;
const sampleSize = 128;

const options = z.strictObject({
  finetune: trainOptions
    .nullable()
    .default(null)
    .describe('training after the masks are applied, which holds them; null trains nothing'),
});

/** Masks a model, trains it with the masks held, and counts what is left in the weights as evaluated. */
export const pruner = defineKind<'pruner', typeof options>({
  inputs: () => ({ model: { kind: 'model' }, data: { kind: 'split', optional: true } }),
  outputs: { model: 'model' },
  options,
  arithmetic: 'training',
  async run(port, { use, inputs, options: { finetune }, services, train }) {
    const start = await inputs.load('model', 'model');
    const data = inputs.has('data') ? await inputs.load('data', 'split') : undefined;
    if (finetune && !data) {
      throw new StudyError(
        'study-invalid',
        `${use} has "finetune" but no images to train on. Connect its input "data", for example to data.train.`,
      );
    }
    const masks = await port.mask(start.model, contextOf(data, services.seed));
    const masked = await start.model.masked(masks);
    const model = finetune && data ? await trained(masked, () => train(masked, data, finetune)) : masked;
    const proof = await proveSparsity(model);
    checkSparsity(use, proof, masks, port.sparsity);
    const { madeBy, architecture } = start;
    return { model: { kind: 'model', value: { model, madeBy, architecture, proof } } };
  },
});

async function trained(masked: Model, train: () => Promise<Model>): Promise<Model> {
  using _ = masked;
  return await train();
}

function contextOf(data: SplitValue | undefined, seed: number): PruneContext {
  if (!data) return {};
  const { split } = data;
  return {
    sample: async () => {
      const order = randomStream(seed, 'pruner-sample').shuffled([...split.ids.keys()]);
      const indices = order.slice(0, sampleSize);
      return { images: await split.images(indices), labels: indices.map((index) => split.labels[index]!) };
    },
  };
}

/**
 * Compares the zeros among the kernels that the pruner considered with what it stands for. Kernels that only an
 * earlier pruner masked are none of its business.
 *
 * @throws StudyError `sparsity-mismatch`
 */
function checkSparsity(use: string, { kernels }: SparsityProof, masks: Masks, nominal: number): void {
  const considered = kernels.filter(({ name }) => masks.has(name));
  const total = considered.reduce((sum, kernel) => sum + kernel.total, 0);
  const zeros = total - considered.reduce((sum, kernel) => sum + kernel.nonzero, 0);
  // Counts are whole numbers: each kernel may be off by half a weight, which matters in tiny networks only.
  const tolerance = Math.max(sparsityTolerance, considered.length / (2 * total));
  const found = total === 0 ? 0 : zeros / total;
  if (Math.abs(found - nominal) <= tolerance) return;
  throw new StudyError(
    'sparsity-mismatch',
    `${use} stands for a sparsity of ${nominal}; of the weights that it considers, ${found.toFixed(6)} are zero in the ` +
      'model as evaluated. Its masks must remove that fraction, together with what was removed before, and training must hold them.',
  );
}
