import { bankOptions, cropPasses } from '@espalier/concept-activations';
import {
  type ConceptImages,
  definePlugin,
  expectFinite,
  expectShape,
  type ImagesOutline,
  imagesIn,
  type LayerInfo,
  type Model,
  readLayerNamed,
  type Services,
  StudyError,
} from '@espalier/core';
import * as z from 'zod';
import { activationVectors, meanActivationsOf } from './activation-vectors.ts';
import { type Learned, sensitivityBank, tcavForm } from './sensitivity-bank.ts';
import { isNoBetterThanChance, meanOf } from './significance.ts';

const { layer, patch } = bankOptions;

const options = z.strictObject({
  ...{ layer, patch },
  draws: z
    .int()
    .min(2)
    .max(1000)
    .default(20)
    .describe('draws of counterparts, each of which every concept is told from by a direction of its own'),
  examples: z
    .int()
    .min(6)
    .max(10_000)
    .nullable()
    .default(null)
    .describe(
      'images of each concept in a draw, and as many counterparts; null takes as many as the smallest concept has',
    ),
  heldOut: z
    .number()
    .min(0.1)
    .max(0.5)
    .default(0.3)
    .describe('fraction of the images of a draw that directions are not learned from, but tested on'),
  alpha: z
    .number()
    .positive()
    .max(1e6)
    .default(0.01)
    .describe('weight of the L2 penalty of the logistic regression, of activations that are divided by their spread'),
});

type Options = z.output<typeof options>;

/**
 * Concepts that people show: for each folder of examples the direction that tells them from counterparts, and the share of the images of a class
 * whose logit rises along it.
 *
 * Importance of a concept in an image is the part of the draws along whose direction its logit rises; its mean over images is the TCAV score.
 * @example "concepts": { "use": "tcav/tcav", "in": { "model": …, "images": { "$from": "data.val" }, "examples": { "$from": "shown.train" }, "counterparts": { "$from": "random.train" } } }
 */
export const tcav = definePlugin({
  kind: 'concepts',
  name: 'tcav',
  title: 'TCAV',
  cacheVersion: '1',
  usesSeed: 'paired',
  banks: tcavForm,
  needsData: true,
  source: {
    title:
      'Kim et al. (2018), Interpretability Beyond Feature Attribution: Quantitative Testing with Concept Activation Vectors (TCAV)',
    url: 'https://arxiv.org/abs/1711.11279',
    departures: [
      'directions are of mean activations over places, and move all places alike, where the authors’ are of all places one after another',
      'of a layer of tokens these are the tokens of the grid; class tokens are left as they are',
      'the classifier is an L2 logistic regression that is solved exactly, where the authors’ is fitted by stochastic gradient descent',
      'importance is the part of the draws along whose direction the logit of an image rises',
    ],
  },
  options,
  needs: (asked) => ({
    abilities: ['activationGradient'],
    layers: [{ path: ['layer'], name: asked.layer, demand: 'read' }],
  }),
  check(asked, { examples, counterparts }) {
    const problem = examples?.mostPerClass && countProblem(asked, examples, imagesIn(counterparts));
    return problem ? [{ path: ['examples'], text: problem }] : [];
  },
  passes(asked, { images, examples, counterparts }) {
    const counts = [images, examples, counterparts].map((each) => imagesIn(each));
    const crops = cropPasses(asked.patch, images);
    if (!crops || counts.includes(undefined)) return undefined;
    return { gradient: counts[0], forward: crops.forward! + counts.reduce((sum, count) => sum! + count!, 0)! };
  },
  create: (asked, services) => {
    // Classes share what is learned of one model.
    const learned = new WeakMap<Model, Shown & { readonly found: Promise<Learned> }>();
    return {
      async extract(model, images, told = () => {}) {
        const shown = expectShown(images, model, asked);
        const at = readLayerNamed(model.layers, asked.layer);
        const before = learned.get(model);
        const isSame = before?.examples === shown.examples && before.counterparts === shown.counterparts;
        const found = isSame ? before.found : learnedFrom(model, at, shown, asked, services);
        learned.set(model, { ...shown, found });
        return sensitivityBank({ model, images, layer: at, told, patch: asked.patch, ...(await found) }, services);
      },
    };
  },
});

type Shown = Required<Pick<ConceptImages, 'examples' | 'counterparts'>>;

/** @throws StudyError `concepts-tcav/examples-missing`; `core/options-invalid` where they are too few; `core/shape-mismatch`; `core/values-not-finite` */
function expectShown({ ids, images, examples, counterparts }: ConceptImages, { input }: Model, asked: Options): Shown {
  const { height, width, channels } = input;
  expectShape(images, [ids.length, height, width, channels], 'images for TCAV');
  expectFinite(images.data, 'images for TCAV');
  if (!examples || !counterparts) {
    const missing = examples ? 'counterparts' : 'examples';
    throw new StudyError(
      'concepts-tcav/examples-missing',
      `TCAV is shown its concepts: a split of "examples", whose classes they are, and one of "counterparts" that they are told from; found no "${missing}". Connect a dataset to the input "${missing}".`,
    );
  }
  const counted = { classes: examples.classes, mostPerClass: countsOf(examples) };
  const problem = countProblem(asked, counted, counterparts.ids.length);
  if (problem !== undefined) throw new StudyError('core/options-invalid', problem);
  return { examples, counterparts };
}

/** What is wrong with how many images there are; undefined where nothing is, or counterparts are not counted yet. */
function countProblem(
  asked: Options,
  { classes, mostPerClass }: Pick<ImagesOutline, 'classes' | 'mostPerClass'>,
  counterparts: number | undefined,
): string | undefined {
  const counts = mostPerClass ?? [];
  const least = Math.min(...counts);
  const wanted = asked.examples ?? Math.max(6, least);
  if (least < wanted)
    return `TCAV needs ${wanted} examples of the concept "${classes[counts.indexOf(least)]}"; there are ${least}. Add images to its folder, or ask for fewer \`examples\`, at least 6.`;
  const held = heldOutOf(asked, wanted);
  if (held < fewestHeldOut)
    return `TCAV holds ${held} of ${wanted} examples out to test directions on, and as many counterparts; fewer than ${fewestHeldOut} of each tell nothing from chance. Add examples, or raise \`heldOut\`.`;
  if (counterparts === undefined || counterparts >= 2 * wanted) return undefined;
  return `TCAV needs ${2 * wanted} counterparts, twice as many as examples of a concept: half of them are told from the other half, for what chance gives; there are ${counterparts}. Add counterparts, or ask for fewer \`examples\`.`;
}

async function learnedFrom(
  model: Model,
  layer: LayerInfo,
  { examples, counterparts }: Shown,
  asked: Options,
  { signal, pairedSeed, log }: Services,
): Promise<Learned> {
  const own = await meanActivationsOf(model, layer, examples, signal);
  const others = await meanActivationsOf(model, layer, counterparts, signal);
  for (const { data } of [own, others]) expectFinite(data, `activations of "${layer.name}"`);
  const { classes: names, labels } = examples;
  const perDraw = asked.examples ?? Math.min(...countsOf(examples));
  const heldOut = heldOutOf(asked, perDraw);
  const drawing = { draws: asked.draws, alpha: asked.alpha, perDraw, heldOut, seed: pairedSeed };
  const shown = { examples: own, conceptOf: labels, counterparts: others };
  const draws = activationVectors(shown, names.length, drawing);
  for (const [k, name] of names.entries()) {
    const accuracies = draws.map(({ concepts }) => concepts[k]!.accuracy);
    const text = `"${name}" is told from counterparts no better than by chance`;
    if (isNoBetterThanChance(accuracies, 2 * heldOut))
      log(`${text}: ${(100 * meanOf(accuracies)).toFixed(1)} % of ${2 * heldOut} images that were held out`);
  }
  return { draws, names, tested: 2 * heldOut };
}

// A coin is right about six images more often than in one of 20 trials, unless it is right about all of them.
const fewestHeldOut = 3;

function heldOutOf({ heldOut }: Options, images: number): number {
  return Math.round(heldOut * images);
}

function countsOf({ classes, labels }: Shown['examples']): readonly number[] {
  return classes.map((_, k) => labels.filter((label) => label === k).length);
}
