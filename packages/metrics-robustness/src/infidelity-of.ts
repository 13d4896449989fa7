import { type AttributionUnit, expectFinite, type Model, ndArray, type RandomStream } from '@espalier/core';
import { type Perturbing, perturbed } from './perturbed.ts';
import { type Fit, type Scaling, squaredMisfit } from './squared-misfit.ts';

/** How many perturbations there are, in calls of how many, and how what is foretold is scaled. */
export interface Counted {
  readonly samples: number;
  readonly samplesPerCall: number;
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
  { samples, samplesPerCall, scaling, ...asked }: Perturbing & Counted,
  stream: Pick<RandomStream, 'normal' | 'integer'>,
): Promise<Fit> {
  const { height, width, channels } = model.input;
  const logitsOf = async (batch: readonly Float32Array[]): Promise<readonly number[]> => {
    const array = ndArray('n h w c', [batch.length, height, width, channels]);
    batch.forEach((one, n) => {
      array.data.set(one, n * one.length);
    });
    const { data, shape } = await model.predict(array);
    expectFinite(data, `the logits of "${id}", perturbed`);
    return batch.map((_, n) => data[n * shape[1]! + classIndex]!);
  };
  const [before] = await logitsOf([image]);
  const [foretold, happened]: number[][] = [[], []];
  for (let start = 0; start < samples; start += samplesPerCall) {
    const copies = Array.from({ length: Math.min(samplesPerCall, samples - start) }, () =>
      perturbed(image, model.input, unit, asked, stream),
    );
    foretold!.push(...copies.map(({ weights }) => weights.reduce((sum, weight, i) => sum + weight * map[i]!, 0)));
    const after = await logitsOf(copies.map((copy) => copy.image));
    happened!.push(...after.map((logit) => before! - logit));
  }
  return squaredMisfit(foretold!, happened!, scaling);
}
