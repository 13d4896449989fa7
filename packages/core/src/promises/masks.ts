import { sizeOf } from '../array.ts';
import type { Masks, Model } from '../networks/model.ts';
import type { Pruner } from '../pruner.ts';
import { type Promised, promise, promiseObject, promiseOneOf, written } from './promise.ts';

/**
 * Checks what a pruner says of itself: the level that it stands for, and by whose rule.
 *
 * @param by the pruner, as the study names it
 * @throws StudyError `core/plugin-invalid`
 */
export function checkPruner(pruner: unknown, by: string): asserts pruner is Pruner {
  const about: Promised = { by, what: 'the pruner that it creates' };
  promiseObject(pruner, about, ['mask']);
  const { sparsity } = pruner;
  const isFraction = typeof sparsity === 'number' && sparsity >= 0 && sparsity < 1;
  promise(isFraction, about, '"sparsity" to be a fraction in [0, 1)', () => written(sparsity));
  promiseOneOf(pruner.sparsityIs, [undefined, 'target', 'nominal'], about, 'sparsityIs');
}

/**
 * Checks the masks that a pruner chose: parameters of `model` that training moves, one byte per weight, 0 or 1, and none that
 * brings back what the model's own masks removed.
 *
 * @throws StudyError `core/plugin-invalid`
 */
export function checkMasks(
  masks: unknown,
  by: string,
  model: Pick<Model, 'parameters' | 'masks'>,
): asserts masks is Masks {
  const all: Promised = { by, what: 'its masks' };
  promise(masks instanceof Map, all, 'a Map of masks by parameter', () => written(masks));
  promise(masks.size > 0, all, 'a mask for at least one parameter', () => 'none');
  const sizes = new Map(
    model.parameters.filter(({ role }) => role !== 'statistic').map(({ name, shape }) => [name, sizeOf(shape)]),
  );
  for (const [name, mask] of masks as ReadonlyMap<unknown, unknown>) {
    promise(typeof name === 'string' && sizes.has(name), all, 'names of parameters that training moves', () =>
      written(name),
    );
    const about: Promised = { by, what: `the mask of "${name}"` };
    checkMask(mask, sizes.get(name)!, about);
    checkHeld(mask, model.masks.get(name), about);
  }
}

/** Promises one byte per weight, 0 or 1. */
export function checkMask(mask: unknown, size: number, about: Promised): asserts mask is Uint8Array {
  promise(mask instanceof Uint8Array, about, 'a Uint8Array', () => written(mask));
  promise(mask.length === size, about, `${size} bytes, one per weight`, () => String(mask.length));
  let other = 0;
  while (other < mask.length && mask[other]! <= 1) other++; // a callback for each of millions takes five times as long
  promise(other === mask.length, about, 'bytes that are 0 or 1', () => `${mask[other]} at index ${other}`);
}

function checkHeld(mask: Uint8Array, before: Uint8Array | undefined, about: Promised): void {
  if (!before) return;
  const back = firstBack(before, mask);
  promise(back < 0, about, 'weights that the model’s masks removed to stay removed', () => `1 at index ${back}`);
}

/** Where `after` keeps a weight that `before` removes; -1 where it does so nowhere. */
export function firstBack(before: Uint8Array, after: Uint8Array): number {
  for (let i = 0; i < before.length; i++) if (before[i] === 0 && after[i] !== 0) return i;
  return -1;
}

/** `pruner`, held to its promises at every call. */
export function heldPruner(pruner: unknown, by: string): Pruner {
  checkPruner(pruner, by);
  const { sparsity, sparsityIs } = pruner;
  return {
    sparsity,
    ...(sparsityIs && { sparsityIs }),
    async mask(model, context) {
      const masks: unknown = await pruner.mask(model, context);
      checkMasks(masks, by, model);
      return masks;
    },
  };
}
