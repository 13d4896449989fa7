import {
  type ConceptImages,
  expectFinite,
  expectShape,
  type ImagesOutline,
  type Model,
  type OptionFinding,
  StudyError,
} from '@espalier/core';
import * as z from 'zod';
import { cropsPerImage, sideOf } from './crops.ts';
import { maxConcepts, powerOfTwo } from './importance/sobol-limits.ts';
import { part, placesOfPart } from './part.ts';

/** Options of every extractor: where it learns, and which crops of the images its codes are told of. */
export const bankOptions = {
  layer: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('layer whose activations concepts are found in; null takes the last'),
  patch: z
    .number()
    .positive()
    .max(1)
    .default(2 / 7)
    .describe('side of a crop as a fraction of the shorter side of an image: 2/7 is 64 of 224 pixels'),
  part,
} as const;

/** Options of how importance is measured by total Sobol indices. */
export const sobolOptions = {
  points: powerOfTwo.default(16).describe('masks per replicate that importance is first measured with, a power of two'),
  maxPoints: powerOfTwo.default(256).describe('masks per replicate that may be reached by doubling'),
  replicates: z
    .int()
    .min(2)
    .max(64)
    .default(4)
    .describe('sets of masks, each scrambled by itself, whose spread is the error'),
  errorTarget: z
    .number()
    .min(0)
    .max(1) // indices are in [0, 1]
    .default(0.01)
    .describe('masks are doubled until the standard error of every total Sobol index is at most this'),
} as const;

/** Options of extractors that learn from every place of a layer, or from crops as CRAFT does. */
export const placeOptions = {
  ...bankOptions,
  from: z
    .enum(['places', 'crops'])
    .default('places')
    .describe(
      'what is learned from: the activations at every place of the layer, or the means of crops over their places',
    ),
  importance: z
    .enum(['sobol', 'none'])
    .default('sobol')
    .describe('whether the importance of concepts is measured, which takes most of the time where the head is deep'),
  ...sobolOptions,
} as const;

interface Asked {
  readonly concepts: number;
  readonly patch: number;
  readonly part: z.output<typeof part>;
  readonly from: 'places' | 'crops';
  readonly importance: 'sobol' | 'none';
}

/** What is wrong with what is asked of the images that the plan knows: too few to learn from, or more concepts than masks can tell apart. */
export function learningFindings(
  asked: Asked,
  images: ImagesOutline | undefined,
  method: string,
): readonly OptionFinding[] {
  const tooMany = tooManyMasks(asked, method);
  const findings = tooMany === undefined ? [] : [{ path: ['importance'], text: tooMany }];
  if (!images?.mostPerClass) return findings;
  const perImage = cropsPerImage(images, sideOf(asked.patch, { input: images }));
  const texts = images.mostPerClass.map((count) => tooFewToLearnFrom(asked, count, perImage, method));
  const label = texts.findIndex((text) => text !== undefined);
  return label < 0
    ? findings
    : [...findings, { path: ['concepts'], text: `The class "${images.classes[label]}": ${texts[label]}` }];
}

/** @throws StudyError `core/options-invalid` where the images, or the masks, are too few; `core/shape-mismatch`; `core/values-not-finite` */
export function expectLearnable(
  asked: Asked,
  { ids, images }: ConceptImages,
  { input: { height, width, channels } }: Pick<Model, 'input'>,
  method: string,
): void {
  expectShape(images, [ids.length, height, width, channels], `images for ${method}`);
  expectFinite(images.data, `images for ${method}`);
  const perImage = cropsPerImage({ height, width }, sideOf(asked.patch, { input: { height, width } }));
  const problem = tooManyMasks(asked, method) ?? tooFewToLearnFrom(asked, ids.length, perImage, method);
  if (problem !== undefined) throw new StudyError('core/options-invalid', problem);
}

function tooManyMasks({ concepts, importance }: Asked, method: string): string | undefined {
  if (importance === 'none' || concepts <= maxConcepts) return undefined;
  return (
    `${method} measures the importance of at most ${maxConcepts} concepts, for which there are Sobol sets; found ${concepts}. ` +
    'Set `importance` to "none", or ask for fewer `concepts`.'
  );
}

/** Only the crops are known before a layer is: of its places there is at least one in an image. */
function tooFewToLearnFrom(
  { concepts, part: asked, from }: Asked,
  images: number,
  perImage: number,
  method: string,
): string | undefined {
  const learned = placesOfPart(asked, images).length;
  const crops = learned * perImage;
  if (learned > 0 && (from === 'places' || crops >= concepts)) return undefined;
  const which = asked === 'all' ? '' : ` that are in the ${asked} part`;
  const found = from === 'places' ? 'no images' : `${crops} crops`;
  return (
    `${method} cannot learn ${concepts} concepts from ${found} of ${images} images${which}. ` +
    'Give more images, a smaller `patch`, or ask for fewer `concepts`.'
  );
}
