import { layerFindings, type OptionFinding, type PlanKnowledge, StudyError } from '@espalier/core';
import type { CraftOptions } from './craft-options.ts';
import { cropsPerImage, sideOf } from './crops.ts';
import { layersByLevel } from './recursion.ts';

/** What is wrong with CRAFT's options, given the model and the images, before anything runs. */
export function craftFindings(asked: CraftOptions, known: PlanKnowledge): readonly OptionFinding[] {
  const unknown = layerFindings(asked.layer, ['layer'], known);
  const levels = impossibleLevels(asked);
  return [
    ...(unknown.length > 0 ? unknown : levelFindings(asked, known)),
    ...(levels === undefined ? [] : [{ path: ['depth'], text: levels }]),
    ...cropFindings(asked, known),
  ];
}

function levelFindings(asked: CraftOptions, { model }: PlanKnowledge): readonly OptionFinding[] {
  if (!model) return [];
  try {
    layersByLevel({ layers: model.layers.map((name) => ({ name })) }, asked);
    return [];
  } catch (error) {
    if (!StudyError.is(error)) throw error;
    return [{ path: [asked.layers.length > 0 ? 'layers' : 'depth'], text: error.message }];
  }
}

function cropFindings(asked: CraftOptions, { images }: PlanKnowledge): readonly OptionFinding[] {
  if (!images?.mostPerClass) return [];
  const perImage = cropsPerImage(images, sideOf(asked.patch, { input: images }));
  const texts = images.mostPerClass.map((count) => tooFewCrops(learntFrom(count, asked) * perImage, count, asked));
  const label = texts.findIndex((text) => text !== undefined);
  return label < 0 ? [] : [{ path: ['concepts'], text: `The class "${images.classes[label]}": ${texts[label]}` }];
}

function learntFrom(images: number, { part }: CraftOptions): number {
  if (part === 'all') return images;
  return part === 'even' ? Math.ceil(images / 2) : Math.floor(images / 2);
}

/** Why so many crops of so many images are too few; undefined where they are enough. */
export function tooFewCrops(crops: number, images: number, { concepts, part }: CraftOptions): string | undefined {
  if (crops >= concepts) return undefined;
  const which = part === 'all' ? '' : ` that are in the ${part} part`;
  return (
    `CRAFT cannot tell ${concepts} concepts apart in ${crops} crops of ${images} images${which}. ` +
    'Give more images, a smaller `patch`, or ask for fewer `concepts`.'
  );
}

/** Why the levels below the first cannot be had; undefined where they can. */
export function impossibleLevels({ part, importance, depth }: CraftOptions): string | undefined {
  if (depth === 0 || (part === 'all' && importance === 'sobol')) return undefined;
  return (
    'CRAFT looks into the important concepts of all images: expected `part` "all" and `importance` "sobol" with a ' +
    `\`depth\` of ${depth}, found "${part}" and "${importance}". Change these, or set \`depth\` to 0.`
  );
}
