import {
  type ConceptBank,
  type Crop,
  type Model,
  type NdArray,
  ndArray,
  placesOfLayer,
  type RandomStream,
} from '@espalier/core';

/** A bank of one class whose arrays are given as nested lists; what is left out is empty. */
export function bankOf(parts: {
  readonly ids: readonly string[];
  readonly crops?: readonly Crop[];
  /** p r */
  readonly codes?: readonly (readonly number[])[];
  /** r d */
  readonly dictionary?: readonly (readonly number[])[];
  /** For each image its `h w r` values, row-major. */
  readonly maps?: readonly (readonly number[])[];
  /** Height and width of the maps. */
  readonly places?: readonly [number, number];
  readonly classIndex?: number;
}): ConceptBank {
  const { ids, codes = [[0]], classIndex = 0 } = parts;
  const concepts = parts.dictionary?.length ?? codes[0]!.length;
  const dictionary = parts.dictionary ?? Array.from({ length: concepts }, () => [1]);
  const [height, width] = parts.places ?? [1, 1];
  const maps = parts.maps ?? ids.map(() => Array<number>(height * width * concepts).fill(0));
  return {
    classIndex,
    layer: 'features',
    ids,
    crops: parts.crops ?? codes.map((_, p) => ({ image: p % ids.length, top: 0, left: 0, size: 4 })),
    dictionary: ndArray('r d', [concepts, dictionary[0]!.length], Float32Array.from(dictionary.flat())),
    codes: ndArray('p r', [codes.length, codes[0]!.length], Float32Array.from(codes.flat())),
    maps: ndArray('n h w r', [ids.length, height, width, concepts], Float32Array.from(maps.flat())),
    importance: ndArray('n r', [0, concepts]),
    importanceError: ndArray('n r', [0, concepts]),
    reconstructionError: 0,
    factorisation: { iterations: 1, stop: 'converged' },
    children: [],
  };
}

/** Values in [0, 1). */
export function uniform<const Axes extends string>(
  stream: RandomStream,
  axes: Axes,
  shape: readonly number[],
): NdArray<Axes> {
  const array = ndArray(axes, shape);
  for (let i = 0; i < array.data.length; i++) array.data[i] = stream.uniform();
  return array;
}

/** Concepts of the model's last layer that are random in all; two crops of each image. */
export function randomBank(
  { layers }: Model,
  given: Pick<ConceptBank, 'classIndex' | 'ids' | 'learnedFrom'> & { readonly concepts: number },
  stream: RandomStream,
): ConceptBank {
  const { concepts, ...bank } = given;
  const layer = layers.at(-1)!;
  const { height, width } = placesOfLayer(layer);
  const count = bank.ids.length;
  return {
    ...{ ...bank, layer: layer.name },
    crops: bank.ids.flatMap((_, image) => [0, 4].map((left) => ({ image, top: 0, left, size: 4 }))),
    dictionary: uniform(stream, 'r d', [concepts, layer.features]),
    codes: uniform(stream, 'p r', [2 * count, concepts]),
    maps: uniform(stream, 'n h w r', [count, height, width, concepts]),
    importance: ndArray('n r', [0, concepts]),
    importanceError: ndArray('n r', [0, concepts]),
    reconstructionError: 0,
    factorisation: { iterations: 1, stop: 'converged' },
    children: [],
  };
}
