import type { Model } from '@espalier/core';

const asked = ['predict', 'classify', 'activations', 'inputGradient', 'activationGradient'] as const;

/** How many images, or activations of one, a model was asked about, by the method. */
export type Counts = Partial<Record<(typeof asked)[number], number>>;

/** The model, and how often it is asked: what does not depend on the machine. */
export function countedModel(model: Model): { readonly model: Model; readonly counts: Counts } {
  const counts: Counts = {};
  const counted = new Proxy(model, {
    get(target, key) {
      const value = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      const name = asked.find((each) => each === key);
      return (...given: [{ shape: readonly number[] }]) => {
        if (name) counts[name] = (counts[name] ?? 0) + given[0].shape[0]!;
        return Reflect.apply(value, target, given);
      };
    },
  });
  return { model: counted, counts };
}
