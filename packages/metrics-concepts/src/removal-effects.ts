import {
  type ConceptBank,
  concatRows,
  expectFinite,
  layerNamed,
  type Model,
  type NdArray,
  ndArray,
  placesOfLayer,
  type Split,
} from '@espalier/core';
import { expectLayer } from './bank-images.ts';
import { placesOf } from './inputs.ts';

/** What removing a concept from an image does to the logit of its class: by id, one value per concept. */
export type RemovalEffects = ReadonlyMap<string, Float64Array>;

/**
 * The logit of the class less that without the concept: its direction, times its code, is taken from the activations at all places at once,
 * and all else stays. A layer without negative activations has none afterwards: what would fall below 0 is 0.
 *
 * @param told is called before each image
 * @throws StudyError `core/inputs-mismatch` where the bank is not of the model, or its images are not in the split
 */
export async function removalEffects(
  model: Model,
  bank: ConceptBank,
  images: Split,
  { metric, told }: { readonly metric: string; readonly told: () => void },
): Promise<RemovalEffects> {
  expectLayer(bank, model, metric);
  const { leading } = placesOfLayer(layerNamed(model.layers, bank.layer));
  const first = leading * bank.dictionary.shape[1]!;
  const effects = new Map<string, Float64Array>();
  for (const [n, place] of placesOf(bank.ids, images, metric).entries()) {
    told();
    const activations = await model.activations(await images.images([place]), bank.layer);
    const without = Array.from({ length: bank.dictionary.shape[0]! }, (_, r) => {
      return withoutConcept(activations, bank, { n, r, first });
    });
    const { data, shape } = await model.classify(concatRows([activations, ...without]), bank.layer);
    expectFinite(data, `the logits of "${bank.ids[n]}"`);
    const logit = (row: number) => data[row * shape[1]! + bank.classIndex]!;
    effects.set(
      bank.ids[n]!,
      Float64Array.from(without, (_, r) => logit(0) - logit(r + 1)),
    );
  }
  return effects;
}

/** The activations of image `n` without concept `r`, from the value `first` on. */
function withoutConcept(
  { axes, shape, data }: NdArray<'n h w d'>,
  { maps, dictionary }: Pick<ConceptBank, 'maps' | 'dictionary'>,
  { n, r, first }: { readonly n: number; readonly r: number; readonly first: number },
): NdArray<'n h w d'> {
  const [concepts, features] = dictionary.shape as [number, number]; // 'r d' has two sizes
  const places = (data.length - first) / features;
  const least = data.subarray(first).some((value) => value < 0) ? Number.NEGATIVE_INFINITY : 0;
  const rest = ndArray(axes, shape, data.slice());
  for (let place = 0; place < places; place++) {
    const code = maps.data[(n * places + place) * concepts + r]!;
    if (code === 0) continue;
    for (let d = 0; d < features; d++) {
      const at = first + place * features + d;
      rest.data[at] = Math.max(least, rest.data[at]! - code * dictionary.data[r * features + d]!);
    }
  }
  return rest;
}
