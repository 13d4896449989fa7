import { type ConceptBank, StudyError, scoredImages, takeRows } from '@espalier/core';

/** What is scored of a bank: its dictionary, and its concepts in some of its images. */
export type ScoredBank = Pick<
  ConceptBank,
  'classIndex' | 'layer' | 'form' | 'offset' | 'ids' | 'crops' | 'dictionary' | 'codes' | 'maps'
>;

/** A bank in the images that its dictionary was not learned from; in all, where it was learned from all. */
export function scoredPart(bank: ConceptBank): ScoredBank {
  return inImages(bank, scoredImages(bank));
}

/** The draw of a null in the same images as a bank. @throws StudyError `core/inputs-mismatch` where it was not drawn for one of them */
export function inImagesOf(draw: ConceptBank, { ids, classIndex }: ScoredBank, metric: string): ScoredBank {
  const places = new Map(draw.ids.map((id, place) => [id, place]));
  const missing = ids.find((id) => !places.has(id));
  if (missing !== undefined)
    throw new StudyError(
      'core/inputs-mismatch',
      `The metric "${metric}" compares concepts with a null on the same images: the nullConcepts of class ${classIndex} ` +
        `have no "${missing}". Give both extractors the same images and "imagesPerClass".`,
    );
  return inImages(
    draw,
    ids.map((id) => places.get(id)!), // none is missing
  );
}

function inImages(
  { classIndex, layer, form = {}, offset, ids, crops, dictionary, codes, maps }: ConceptBank,
  places: readonly number[],
): ScoredBank {
  const images = new Map(places.map((place, n) => [place, n]));
  const kept = [...crops.keys()].filter((p) => images.has(crops[p]!.image));
  return {
    ...{ classIndex, layer, form, dictionary, ...(offset && { offset }) },
    ids: places.map((place) => ids[place]!),
    crops: kept.map((p) => ({ ...crops[p]!, image: images.get(crops[p]!.image)! })),
    codes: takeRows(codes, kept),
    maps: takeRows(maps, places),
  };
}
