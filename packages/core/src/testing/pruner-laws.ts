import { describe, expect, test } from 'vitest';
import { ndArray } from '../array.ts';
import type { Masks, Model, Weights } from '../networks/model.ts';
import { checkMasks, checkPruner } from '../promises/masks.ts';
import type { PruneContext, Pruner } from '../pruner.ts';
import { toyModel } from './toy-model.ts';

/** Builds the pruner under test for a sparsity, the fraction of prunable weights to remove, in [0, 1). */
export type PrunerFor = (sparsity: number) => Pruner | Promise<Pruner>;

const sparsities = [0, 0.1, 0.25, 0.5, 0.75, 0.99];

/** What every pruner promises about the fraction `sparsity`, given `context`. Each law throws when the promise is broken. */
export const prunerLaws: Readonly<Record<string, (prunerFor: PrunerFor, context?: PruneContext) => Promise<void>>> = {
  async 'says the sparsity it was made for'(prunerFor) {
    for (const sparsity of sparsities) {
      const pruner = await prunerFor(sparsity);
      checkPruner(pruner, 'the pruner');
      expect(pruner.sparsity).toBe(sparsity);
    }
  },

  async 'removes the asked fraction to within one weight per kernel, ties included, unless it is nominal'(
    prunerFor,
    context,
  ) {
    for (const sparsity of sparsities) {
      if ((await prunerFor(sparsity)).sparsityIs === 'nominal') continue;
      const masks = await maskOf(prunerFor, sparsity, tiedModel(), context);
      const [removed, total] = [...masks.values()].reduce(
        ([zeros, count], mask) => [zeros + mask.filter((keep) => keep === 0).length, count + mask.length],
        [0, 0],
      );
      expect(Math.abs(removed - sparsity * total), `sparsity ${sparsity}`).toBeLessThan(Math.max(1, masks.size));
    }
  },

  async 'masks kernels only'(prunerFor, context) {
    const model = tiedModel();
    const kernels = model.parameters.filter(({ role }) => role === 'kernel').map(({ name }) => name);
    const masks = await maskOf(prunerFor, 0.5, model, context);
    expect(masks.size, 'masks').toBeGreaterThan(0);
    for (const name of masks.keys()) expect(kernels).toContain(name);
  },

  async 'gives every masked parameter one byte per weight, 0 or 1'(prunerFor, context) {
    checkMasks(await maskOf(prunerFor, 0.5, tiedModel(), context), 'the pruner', tiedModel());
  },

  async 'gives the same masks every time'(prunerFor, context) {
    expect(await maskOf(prunerFor, 0.5, tiedModel(), context)).toEqual(
      await maskOf(prunerFor, 0.5, tiedModel(), context),
    );
  },

  async 'never brings a removed weight back'(prunerFor, context) {
    const first = await maskOf(prunerFor, 0.25, tiedModel(), context);
    const pruned = regrown(await tiedModel().masked(first));
    checkMasks(await maskOf(prunerFor, 0.75, pruned, context), 'the pruner', pruned);
  },

  async 'leaves the model as it was'(prunerFor, context) {
    const model = tiedModel();
    const shared = await model.weights();
    await maskOf(prunerFor, 0.5, { ...model, weights: async () => shared }, context);
    expect(shared).toEqual(await tiedModel().weights());
    expect(model.masks.size).toBe(0);
  },
};

/** Registers the laws as tests of the pruner `name`. @param context `{ sample: toySample }` for one that needs images */
export function describePruner(name: string, prunerFor: PrunerFor, context: PruneContext = {}): void {
  describe(`${name} keeps the pruner laws`, () => {
    for (const [law, check] of Object.entries(prunerLaws)) test(law, () => check(prunerFor, context));
  });
}

async function maskOf(
  prunerFor: PrunerFor,
  sparsity: number,
  model: Model,
  context: PruneContext = {},
): Promise<Masks> {
  return (await prunerFor(sparsity)).mask(model, context);
}

/** Weights rounded to quarters: random ones never tie, so they cannot catch a pruner that overshoots. */
function tiedModel(): Model {
  return withWeights(toyModel(), (value) => Math.round(4 * value) / 4);
}

/** The pruned model with every removed weight grown large, as training without enforced masks would leave it. */
function regrown(model: Model): Model {
  return withWeights(model, (value) => (value === 0 ? 100 : value));
}

function withWeights(model: Model, change: (value: number) => number): Model {
  const weights = async (): Promise<Weights> =>
    new Map(
      [...(await model.weights())].map(([name, { axes, shape, data }]) => [
        name,
        ndArray(axes, shape, data.map(change)),
      ]),
    );
  return { ...model, weights, masked: async (masks) => withWeights(await model.masked(masks), change) };
}
