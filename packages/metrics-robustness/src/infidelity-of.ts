import { type AttributionUnit, answersAbout, type Model, type RandomStream } from '@espalier/core';
import { type Perturbing, perturbed } from './perturbed.ts';
import { type Fit, type Scaling, squaredMisfit } from './squared-misfit.ts';

/** How many perturbations there are, in calls of how many, and how what is foretold is scaled. */
export interface Counted {
  readonly samples: number;
  readonly imagesPerCall: number;
  readonly scaling: Scaling;
}

/** One image, and its map, both `h w c`. */
export interface Explained {
  readonly image: Float32Array;
  readonly map: Float32Array;
  readonly unit: AttributionUnit;
  readonly classIndex: number;
  readonly id: string;
}

/**
 * How well one map foretells what perturbations do to the logit of its class.
 *
 * @param stream that places or noise are drawn from, for one perturbation after the other: of a square its top, then its left
 * @throws StudyError `core/values-not-finite` where the model answers with no numbers
 */
export async function infidelityOf(
  model: Model,
  { image, map, unit, classIndex, id }: Explained,
  { samples, imagesPerCall, scaling, ...asked }: Perturbing & Counted,
  stream: Pick<RandomStream, 'normal' | 'integer'>,
): Promise<Fit> {
  const logitsOf = (count: number, version: () => Float32Array) =>
    answersAbout(model, { count, version, imagesPerCall, what: `"${id}", perturbed` }, (logits) => logits[classIndex]!);
  const [before] = await logitsOf(1, () => image);
  const foretold: number[] = [];
  const after = await logitsOf(samples, () => {
    const copy = perturbed(image, model.input, unit, asked, stream);
    foretold.push(copy.weights.reduce((sum, weight, i) => sum + weight * map[i]!, 0));
    return copy.image;
  });
  return squaredMisfit(
    foretold,
    Array.from(after, (logit) => before! - logit),
    scaling,
  );
}
