import { describe, expect, test } from 'vitest';
import { ndArray } from '../array.ts';
import type { Masks, Model, Weights } from '../networks/model.ts';
import { checkMasks, checkPruner } from '../promises/masks.ts';
import type { PruneContext, Pruner } from '../pruner.ts';
import { toyModel } from './toys/toy-model.ts';

/** Builds the pruner under test for a sparsity, the fraction of prunable weights to remove, in [0, 1). */
export type PrunerFor = (sparsity: number) => Pruner | Promise<Pruner>;

/** Tried where a pruner takes any; of one that has sparsities of its own, those, in ascending order. */
const anySparsity: readonly number[] = [0, 0.1, 0.25, 0.5, 0.75, 0.99];

type Law = (prunerFor: PrunerFor, context?: PruneContext, sparsities?: readonly number[]) => Promise<void>;

/** What every pruner promises about the fraction `sparsity`, given `context`. Each law throws when the promise is broken. */
export const prunerLaws: Readonly<Record<string, Law>> = {
  async 'says the sparsity it was made for'(prunerFor, _, sparsities = anySparsity) {
    for (const sparsity of sparsities) {
      const pruner = await prunerFor(sparsity);
      checkPruner(pruner, 'the pruner');
      expect(pruner.sparsity).toBe(sparsity);
    }
  },

  async 'removes the asked fraction to within one weight per kernel, ties included, unless it is nominal'(
    prunerFor,
    context,
    sparsities = anySparsity,
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

  async 'masks kernels only'(prunerFor, context, sparsities = anySparsity) {
    const model = tiedModel();
    const kernels = model.parameters.filter(({ role }) => role === 'kernel').map(({ name }) => name);
    const masks = await maskOf(prunerFor, middle(sparsities), model, context);
    expect(masks.size, 'masks').toBeGreaterThan(0);
    for (const name of masks.keys()) expect(kernels).toContain(name);
  },

  async 'gives every masked parameter one byte per weight, 0 or 1'(prunerFor, context, sparsities = anySparsity) {
    checkMasks(await maskOf(prunerFor, middle(sparsities), tiedModel(), context), 'the pruner', tiedModel());
  },

  async 'gives the same masks every time'(prunerFor, context, sparsities = anySparsity) {
    expect(await maskOf(prunerFor, middle(sparsities), tiedModel(), context)).toEqual(
      await maskOf(prunerFor, middle(sparsities), tiedModel(), context),
    );
  },

  async 'never brings a removed weight back'(prunerFor, context, sparsities = anySparsity) {
    const first = await maskOf(prunerFor, sparsities.find((each) => each > 0.2)!, tiedModel(), context);
    const pruned = regrown(await tiedModel().masked(first));
    checkMasks(
      await maskOf(prunerFor, sparsities.findLast((each) => each < 0.9)!, pruned, context),
      'the pruner',
      pruned,
    );
  },

  async 'leaves the model as it was'(prunerFor, context, sparsities = anySparsity) {
    const model = tiedModel();
    const shared = await model.weights();
    await maskOf(prunerFor, middle(sparsities), { ...model, weights: async () => shared }, context);
    expect(shared).toEqual(await tiedModel().weights());
    expect(model.masks.size).toBe(0);
  },
};

/**
 * Registers the laws as tests of the pruner `name`.
 *
 * @param context `{ sample: toySample }` for one that needs images
 * @param sparsities those that it has, in ascending order, where it does not take any, such as 0.5 and 0.75 of patterns
 */
export function describePruner(
  name: string,
  prunerFor: PrunerFor,
  context: PruneContext = {},
  sparsities: readonly number[] = anySparsity,
): void {
  describe(`${name} keeps the pruner laws`, () => {
    for (const [law, check] of Object.entries(prunerLaws)) test(law, () => check(prunerFor, context, sparsities));
  });
}

/** One half where it takes any. */
function middle(sparsities: readonly number[]): number {
  return sparsities[Math.floor(sparsities.length / 2)]!;
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
