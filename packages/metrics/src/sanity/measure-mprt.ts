import { type Given, type Measurement, ndArray, omitted, type Services } from '@espalier/core';
import { mean } from '@espalier/numerics';
import { agreeing, agreementWith, type Bars, sanityScore } from './agreement.ts';
import { chooseImages } from './chosen-images.ts';
import { type Comparison, comparisonsOf } from './comparison.ts';
import { inBatches } from './explain-again.ts';
import { type LayerGroup, layerGroups } from './layer-groups.ts';
import type { MprtOptions } from './mprt-options.ts';
import { type Randomisation, randomisationOf, randomisedModels } from './randomised-models.ts';

const orderWords: Readonly<Record<RandomisationOrder, string>> = {
  'top-down': 'from the output',
  'bottom-up': 'from the input',
  independent: 'one at a time',
};

const curveTitles: Readonly<Record<RandomisationOrder, string>> = {
  'top-down': 'layers randomised, from the output down',
  'bottom-up': 'layers randomised, from the input up',
  independent: 'the one layer randomised, counted from the input',
};

/** What scores are called, and where they pass. */
export interface MprtWords {
  /** Of the score for programs, before the order. */
  readonly metric: string;
  /** For people, before the order. */
  readonly name: string;
  readonly meaning: string;
  readonly bars: Bars;
}

type RandomisationOrder = MprtOptions['order'];

type Inputs = Given<'model' | 'images' | 'explainer'>;

/** Explains the chosen images by the model as it is, and again at each step of its randomisation. */
export async function measureMprt(
  inputs: Inputs,
  options: MprtOptions,
  services: Services,
  { metric, name, meaning, bars }: MprtWords,
): Promise<readonly Measurement[]> {
  const { images, explainer } = inputs;
  const { order } = options;
  const comparisons = comparisonsOf(options, explainer, images);
  const layers = inOrder(layerGroups(inputs.model.parameters, options.depth, options.normalisation), order);
  const steps = options.average === 'last' ? 'last' : 'every';
  const names = ['unchanged', ...(steps === 'last' ? ['all layers'] : layers.map((layer) => layer.name))];
  const { indices, others, reason } = chooseImages(images, options.imagesPerClass);
  const cascade: Cascade = {
    layers,
    order,
    steps,
    draws: options.draws,
    randomise: (draw) => randomisationOf(options, draw),
    positions: names.length - 1,
  };
  const curves = await agreementCurves(inputs, cascade, { comparisons, indices, services });
  // With the last step alone there is nothing to average.
  const scoreOf = (curve: Float64Array): number =>
    mean(curve.subarray(options.unchanged === 'counted' && steps === 'every' ? 0 : 1));
  const hasBar = steps === 'last' && options.preset === 'corrected' && options.weights === 'initial';
  return comparisons.map(({ suffix, words, similarity }, i): Measurement => {
    const ids = indices.map((index) => images.ids[index]!);
    const found = curves[i]!.map((ofDraw) => agreeing(ids, ofDraw));
    const { ids: scored, constant } = found[0]!; // there is a draw, and the own maps are the same beside each
    const draws = found.map(({ curves: ofDraw }) => ofDraw.map(scoreOf));
    return {
      metric: `${metric}-${order}${suffix}`,
      words: {
        name: `${name}, ${orderWords[order]}, ${words}`,
        meaning,
      },
      ...sanityScore,
      ...(hasBar && bars[similarity] !== undefined && { bar: bars[similarity] }),
      ids: scored,
      values: scored.map((_, image) => mean(draws.map((row) => row[image]!))),
      draws: { of: 'random networks', values: draws },
      ...omitted([
        { reason, ids: others },
        { reason: 'the map of the unchanged model is constant', ids: constant },
      ]),
      ...(steps === 'every' && {
        curve: layerCurve(
          found.map((ofDraw) => ofDraw.curves),
          names,
          order,
        ),
      }),
    };
  });
}

/** How the network is randomised: the layers in their order, at how many positions, how often. */
interface Cascade {
  readonly layers: readonly LayerGroup[];
  readonly order: RandomisationOrder;
  readonly steps: 'every' | 'last';
  readonly draws: number;
  readonly randomise: (draw: number) => Randomisation;
  readonly positions: number;
}

interface Asked {
  readonly comparisons: readonly Comparison[];
  readonly indices: readonly number[];
  readonly services: Services;
}

/** The agreement with the map of the unchanged model at every position; null where that is constant. */
type ImageCurves = readonly (Float64Array | null)[];

/** By comparison and draw, of every image. */
async function agreementCurves(
  { model, images, explainer }: Inputs,
  { layers, order, steps, draws, randomise, positions }: Cascade,
  { comparisons, indices, services }: Asked,
): Promise<readonly (readonly ImageCurves[])[]> {
  const curves = comparisons.map(() => Array.from({ length: draws }, (): (Float64Array | null)[] => []));
  const times = 1 + positions * draws;
  await inBatches({ explainer, images, indices, times, services }, async ({ labels, explain }) => {
    const own = await explain(model, labels);
    for (let draw = 0; draw < draws; draw++) {
      const agreements = comparisons.map((comparison) => agreementWith(own, comparison, positions));
      let position = 0;
      for await (const randomised of randomisedModels(model, layers, order, randomise(draw), steps)) {
        const found = await explain(randomised, labels);
        position++;
        for (const agreement of agreements) agreement.add(position, found);
      }
      agreements.forEach((agreement, i) => {
        curves[i]![draw]!.push(...agreement.curves);
      });
    }
  });
  return curves;
}

/** The mean over the draws. @param curves by draw, of every image */
function layerCurve(
  curves: readonly (readonly Float64Array[])[],
  names: readonly string[],
  order: RandomisationOrder,
): NonNullable<Measurement['curve']> {
  const images = curves[0]!; // there is a draw
  const values = Float32Array.from(
    images.flatMap((curve, image) => [...curve].map((_, at) => mean(curves.map((ofDraw) => ofDraw[image]![at]!)))),
  );
  return {
    x: curveTitles[order],
    y: 'agreement',
    at: [...names.keys()],
    names,
    values: ndArray('n s', [images.length, names.length], values),
  };
}

/** The layers in the order in which they are randomised. Only `top-down` begins at the output. */
function inOrder(layers: readonly LayerGroup[], order: RandomisationOrder): readonly LayerGroup[] {
  return order === 'top-down' ? [...layers].reverse() : layers;
}
