import {
  type BankTask,
  conceptBank,
  cropPasses,
  cropsPerImage,
  gridOfCrops,
  type Measures,
  ofStep,
  placesOfPart,
  sideOf,
  sobolImportance,
  type Told,
} from '@espalier/concept-activations';
import {
  type ConceptBank,
  type ConceptImages,
  definePlugin,
  expectFinite,
  expectShape,
  type Model,
  type OptionFinding,
  type PlanKnowledge,
  type Services,
  StudyError,
} from '@espalier/core';
import { type CraftOptions, craftPresets, options } from './craft-options.ts';
import { craftTorchImportance } from './craft-torch-importance.ts';
import { learnedDirections } from './learned-directions.ts';
import { refusalOfNegative } from './negative-activations.ts';
import { nonNegativeDictionary } from './non-negative-dictionary.ts';
import { childBanks, layersByLevel } from './recursion.ts';

/**
 * Concepts as the parts that a layer's activations are made of, and what each matters to a class.
 * @example "concepts": { "use": "craft/craft", "with": { "concepts": 10 }, "in": { "model": …, "images": { "$from": "data.val" } } }
 */
export const craft = definePlugin({
  kind: 'concepts',
  name: 'craft',
  title: 'CRAFT',
  cacheVersion: '6',
  source: {
    title: 'Fel et al. (2023), CRAFT: Concept Recursive Activation FacTorization for Explainability',
    url: 'https://arxiv.org/abs/2211.10154',
    departures: [
      'importance uses a scrambled Sobol design with a control variate and reports its error; the released 32 Halton points are biased, and there as the preset craft-torch',
      'codes are exact non-negative least squares for the dictionary, one row at a time',
      'several starts and a stated stopping rule for the factorisation',
      'the recursion, which the released code lacks, measures importance with the rest of the activation in place',
      'signed directions, for layers with negative activations that the paper leaves out: the positive and the negative part of every feature are factorised side by side, and directions are their difference',
      'of a layer of tokens the grid alone is factorised; class tokens stay as they are',
      'concepts have unit directions and are numbered by falling importance',
    ],
  },
  options,
  presets: craftPresets,
  needs: ({ layer, layers, depth }) => ({
    layers: [
      { path: ['layer'], name: layer, demand: 'read' },
      ...layers.slice(0, depth).map((name, i) => ({ path: ['layers', i], name, demand: 'read' as const })),
    ],
  }),
  check: craftFindings,
  passes: ({ patch }, { images }) => cropPasses(patch, images),
  create: (asked, services) => ({
    extract: (model, images, told = () => {}) => extract(model, images, asked, { services, told }),
  }),
});

async function extract(
  model: Model,
  images: ConceptImages,
  asked: CraftOptions,
  { services, told }: { readonly services: Services; readonly told: Told },
): Promise<ConceptBank> {
  const { height, width, channels } = model.input;
  expectShape(images.images, [images.ids.length, height, width, channels], 'images for CRAFT');
  expectFinite(images.images.data, 'images for CRAFT');
  const layers = layersByLevel(model, asked);
  const crops = gridOfCrops(images.images, sideOf(asked.patch, model));
  const learnedFrom = placesOfPart(asked.part, images.ids.length);
  const perImage = crops.length / images.ids.length;
  const problem = tooFewCrops(learnedFrom.length * perImage, images.ids.length, asked) ?? impossibleLevels(asked);
  if (problem !== undefined) throw new StudyError('core/options-invalid', problem);
  const measure = asked.masks === 'scrambled-sobol' ? sobolImportance(asked, services) : craftTorch;
  const label = 'craft';
  const learn: BankTask['learn'] = (from, heard) =>
    nonNegativeDictionary(from, (activations) =>
      learnedDirections(activations, asked, { seed: services.seed, label }, heard),
    );
  const levels = layers.length > 1 ? 2 : 1;
  const layer = layers[0]!; // there is a layer for each level
  const task: BankTask = {
    ...{ model, images, learnedFrom, crops, layer, learn, told: ofStep(told, 0, levels) },
    ...refusalOfNegative(layer, asked.negative),
    measure: asked.importance === 'none' ? null : measure,
  };
  const bank = await conceptBank(task, services);
  const branch = { model, images, bank, layers: layers.slice(1), label, told: ofStep(told, 1, levels) };
  const children = await childBanks(branch, { ...asked, measure }, services);
  return { ...bank, children };
}

const craftTorch: Measures = async (head, image, directions) => ({
  importance: await craftTorchImportance(head, image, directions),
});

/** What is wrong with CRAFT's options, given the model and the images, before anything runs. */
function craftFindings(asked: CraftOptions, known: PlanKnowledge): readonly OptionFinding[] {
  const levels = impossibleLevels(asked);
  return [
    ...levelFindings(asked, known),
    ...(levels === undefined ? [] : [{ path: ['depth'], text: levels }]),
    ...cropFindings(asked, known),
  ];
}

function levelFindings(asked: CraftOptions, { model }: PlanKnowledge): readonly OptionFinding[] {
  if (!model) return [];
  try {
    layersByLevel(model, asked);
    return [];
  } catch (error) {
    if (!StudyError.is(error)) throw error;
    if (error.code !== 'core/options-invalid') return []; // no layer to begin with, which the needs tell
    return [{ path: [asked.layers.length > 0 ? 'layers' : 'depth'], text: error.message }];
  }
}

function cropFindings(asked: CraftOptions, { images }: PlanKnowledge): readonly OptionFinding[] {
  if (!images?.mostPerClass) return [];
  const perImage = cropsPerImage(images, sideOf(asked.patch, { input: images }));
  const texts = images.mostPerClass.map((count) =>
    tooFewCrops(placesOfPart(asked.part, count).length * perImage, count, asked),
  );
  const label = texts.findIndex((text) => text !== undefined);
  return label < 0 ? [] : [{ path: ['concepts'], text: `The class "${images.classes[label]}": ${texts[label]}` }];
}

/** Why so many crops of so many images are too few; undefined where they are enough. */
function tooFewCrops(crops: number, images: number, { concepts, part }: CraftOptions): string | undefined {
  if (crops >= concepts) return undefined;
  const which = part === 'all' ? '' : ` that are in the ${part} part`;
  return (
    `CRAFT cannot tell ${concepts} concepts apart in ${crops} crops of ${images} images${which}. ` +
    'Give more images, a smaller `patch`, or ask for fewer `concepts`.'
  );
}

/** Why the levels below the first cannot be had; undefined where they can. */
function impossibleLevels({ part, importance, depth }: CraftOptions): string | undefined {
  if (depth === 0 || (part === 'all' && importance === 'sobol')) return undefined;
  return (
    'CRAFT looks into the important concepts of all images: expected `part` "all" and `importance` "sobol" with a ' +
    `\`depth\` of ${depth}, found "${part}" and "${importance}". Change these, or set \`depth\` to 0.`
  );
}
