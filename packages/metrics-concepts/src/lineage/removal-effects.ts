import {
  type ConceptBank,
  concatRows,
  expectFinite,
  layerNamed,
  type Model,
  type NdArray,
  ndArray,
  placesOf,
  placesOfLayer,
  type Split,
} from '@espalier/core';
import { expectLayer } from '../bank-images.ts';

/** What removing a concept from an image does to the logit of its class: by id, one value per concept. */
export type RemovalEffects = ReadonlyMap<string, Float64Array>;

/**
 * The logit of the class less that without the concept: its direction, times its code, is taken from the activations at all places at once,
 * and all else stays. A layer without negative activations has none afterwards: what would fall below 0 is 0.
 *
 * @param banks of one class, in the same images
 * @param told is called before each image
 * @throws StudyError `core/inputs-mismatch` where a bank is not of the model, or its images are not in the split
 */
export async function removalEffects(
  model: Model,
  banks: ReadonlySet<ConceptBank>,
  images: Split,
  { metric, told }: { readonly metric: string; readonly told: () => void },
): Promise<ReadonlyMap<ConceptBank, RemovalEffects>> {
  for (const bank of banks) expectLayer(bank, model, metric);
  const effects = new Map([...banks].map((bank) => [bank, new Map<string, Float64Array>()]));
  const ids = [...new Set([...banks].flatMap((bank) => bank.ids))];
  for (const [i, place] of placesOf(ids, images, metric, 'extractor').entries()) {
    told();
    const id = ids[i]!;
    const pixels = await images.images([place]);
    const own = [...banks].filter((bank) => bank.ids.includes(id));
    for (const layer of new Set(own.map((bank) => bank.layer))) {
      const activations = await model.activations(pixels, layer);
      const atLayer = own.filter((bank) => bank.layer === layer);
      for (const [bank, values] of await effectsIn(activations, atLayer, { model, layer, id }))
        effects.get(bank)!.set(id, values);
    }
  }
  return effects;
}

/** Effects in one image of all concepts of some banks at one layer. */
async function effectsIn(
  activations: NdArray<'n h w d'>,
  banks: readonly ConceptBank[],
  { model, layer, id }: { readonly model: Model; readonly layer: string; readonly id: string },
): Promise<[ConceptBank, Float64Array][]> {
  const info = layerNamed(model.layers, layer);
  const first = placesOfLayer(info).leading * info.features;
  const removed = banks.flatMap((bank) =>
    Array.from({ length: bank.dictionary.shape[0]! }, (_, r) => {
      return withoutConcept(activations, bank, { n: bank.ids.indexOf(id), r, first });
    }),
  );
  const { data, shape } = await model.classify(concatRows([activations, ...removed]), layer);
  expectFinite(data, `the logits of "${id}"`);
  let row = 1;
  return banks.map((bank) => {
    const logit = (at: number) => data[at * shape[1]! + bank.classIndex]!;
    return [bank, Float64Array.from({ length: bank.dictionary.shape[0]! }, () => logit(0) - logit(row++))];
  });
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
