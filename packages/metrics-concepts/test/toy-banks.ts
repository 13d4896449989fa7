import { type ConceptBank, type Crop, ndArray } from '@espalier/core';

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
