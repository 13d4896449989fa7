import {
  type Given,
  layerNamed,
  type Measurement,
  type Model,
  type NdArray,
  ndArray,
  omitted,
  placesOf,
  placesOfLayer,
  StudyError,
} from '@espalier/core';
import { classNameOf, nullBanksOf } from './inputs.ts';
import { inImagesOf, type ScoredBank, scoredPart } from './scored-part.ts';

/** An image that concepts are scored on, and what the concepts rebuild of its activations. */
export interface RebuiltImage {
  readonly id: string;
  readonly label: number;
  /** Of its dictionary, which it shares with other images. */
  readonly fit: string;
  readonly layer: string;
  /** Of the layer, for this image: `n` is 1. */
  readonly activations: NdArray<'n h w d'>;
  /** Those that concepts are of: all, but for tokens that lie nowhere on the image. */
  readonly places: Float32Array;
  readonly rebuilt: Float32Array;
  /** What the null's concepts rebuild, draw by draw; empty where they are not connected. */
  readonly rebuiltByNull: readonly Float32Array[];
}

/**
 * Visits every image that a bank is scored on, in the order of the split, one at a time, so that nothing depends on the others.
 *
 * @returns the other images of the split, for the field `omitted`
 * @throws StudyError `core/inputs-mismatch` when an image is in two banks, or a bank's arrays are not of the model's layer.
 */
export async function eachRebuiltImage(
  { model, images, concepts, nullConcepts }: Given<'model' | 'images' | 'concepts', 'nullConcepts'>,
  metric: string,
  visit: (image: RebuiltImage) => Promise<void>,
): Promise<Pick<Measurement, 'omitted'>> {
  const entries = concepts.map(scoredPart).flatMap((bank) => {
    expectLayer(bank, model, metric);
    const draws = nullConcepts ? nullBanksOf(nullConcepts, bank).map((draw) => inImagesOf(draw, bank, metric)) : [];
    for (const draw of draws) expectLayer(draw, model, metric);
    return placesOf(bank.ids, images, metric, 'extractor').map((place, n) => ({
      bank,
      draws,
      place,
      n,
      id: images.ids[place]!,
    }));
  });
  entries.sort((a, b) => a.place - b.place);
  for (const [i, { bank, draws, place, n, id }] of entries.entries()) {
    if (entries[i + 1]?.place === place) throw inTwoBanks(id, metric);
    const activations = await model.activations(await images.images([place]), bank.layer);
    const { leading } = placesOfLayer(layerNamed(model.layers, bank.layer));
    await visit({
      id,
      label: images.labels[place]!,
      fit: classNameOf(bank, images),
      layer: bank.layer,
      activations,
      places: activations.data.subarray(leading * bank.dictionary.shape[1]!),
      rebuilt: rebuild(bank, n),
      rebuiltByNull: draws.map((draw) => rebuild(draw, n)),
    });
  }
  const scored = new Set(entries.map(({ id }) => id));
  const learned = new Set(concepts.flatMap(({ ids }) => ids.filter((id) => !scored.has(id))));
  return omitted([
    { reason: 'concepts were learned from these images', ids: images.ids.filter((id) => learned.has(id)) },
    {
      reason: 'concepts were not found in these images',
      ids: images.ids.filter((id) => !scored.has(id) && !learned.has(id)),
    },
  ]);
}

/** The activations of an image with `rebuilt` at its places; class tokens stay. */
export function withPlaces({ activations, places }: RebuiltImage, rebuilt: Float32Array): NdArray<'n h w d'> {
  const { axes, shape, data } = activations;
  const replaced = ndArray(axes, shape, data.slice());
  replaced.data.set(rebuilt, data.length - places.length);
  return replaced;
}

/** Offset + maps x dictionary for image `n` of the bank: row-major `h w d`. */
function rebuild({ maps, dictionary, offset }: ScoredBank, n: number): Float32Array {
  const [, height, width, concepts] = maps.shape as [number, number, number, number]; // 'n h w r' has four sizes
  const features = dictionary.shape[1]!;
  const places = height * width;
  const rebuilt = new Float32Array(places * features);
  for (let place = 0; place < places; place++) {
    if (offset) rebuilt.set(offset.data, place * features);
    for (let r = 0; r < concepts; r++) {
      const code = maps.data[(n * places + place) * concepts + r]!;
      if (code === 0) continue;
      for (let d = 0; d < features; d++) rebuilt[place * features + d]! += code * dictionary.data[r * features + d]!;
    }
  }
  return rebuilt;
}

/** Checks that a bank is of a layer of the model. @throws StudyError `core/inputs-mismatch` */
export function expectLayer({ layer, maps, dictionary, classIndex }: ScoredBank, model: Model, metric: string): void {
  const found = model.layers.find(({ name }) => name === layer);
  const [, height, width] = maps.shape;
  const features = dictionary.shape[1];
  const places = found && placesOfLayer(found);
  if (places?.height === height && places?.width === width && found?.features === features) return;
  throw new StudyError(
    'core/inputs-mismatch',
    `The metric "${metric}" rebuilds activations of the model: the concepts of class ${classIndex} are of ` +
      `"${layer}" with ${height} x ${width} places and ${features} features, which this model does not have. ` +
      'Connect the model that the concepts were found in.',
  );
}

function inTwoBanks(id: string, metric: string): StudyError {
  return new StudyError(
    'core/inputs-mismatch',
    `The metric "${metric}" gives every image one value: "${id}" is in the concepts of two classes. ` +
      'Connect one bank per class.',
  );
}
