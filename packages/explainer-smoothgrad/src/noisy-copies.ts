import { type Explainer, type Model, ndArray, type RandomStream } from '@espalier/core';
import { addTo, merged, noMoments, statistics } from './moments.ts';

/** How many noisy copies are explained, how noisy they are, and what becomes of their attributions. */
export interface Noise {
  readonly statistic: keyof typeof statistics;
  readonly sigma: number;
  readonly unit: 'image-range' | 'normalised';
  readonly samples: number;
  readonly imagesPerCall: number;
}

/** One image, and what is asked about it. */
export interface Asked {
  readonly model: Model;
  /** Row-major `h w c`, pixels in [0, 1]. */
  readonly image: Float32Array;
  readonly classIndex: number;
  readonly id: string;
}

/**
 * The attribution M of noisy copies of one image x (Smilkov et al. 2017, section 2.2). Slowly, for SmoothGrad:
 *
 *     for each of `samples` copies:
 *       noisy = x + deviation g, g standard normal                h w c
 *       map += M(noisy) / samples                                 h w c
 *
 * @param told is called with the part of the copies that is explained, in (0, 1]
 * @returns `error` is the standard error of the map, as a fraction of its length: half of the distance between the maps of every other copy
 */
export async function explainCopies(
  explainer: Explainer,
  asked: Asked,
  { statistic, sigma, unit, samples, imagesPerCall }: Noise,
  stream: Pick<RandomStream, 'normal'>,
  told: (part: number) => void = () => {},
): Promise<{ readonly map: Float64Array; readonly error: number }> {
  const { model, image, classIndex, id } = asked;
  const { height, width, channels } = model.input;
  const deviations = deviationsOf(asked, sigma, unit);
  const halves = [noMoments(image.length), noMoments(image.length)] as const;
  for (let start = 0; start < samples; start += imagesPerCall) {
    const names = Array.from({ length: Math.min(imagesPerCall, samples - start) }, (_, i) => `${id}#${start + i}`);
    const noisy = ndArray('n h w c', [names.length, height, width, channels]);
    for (let i = 0; i < noisy.data.length; i++)
      noisy.data[i] = image[i % image.length]! + deviations[i % channels]! * stream.normal();
    const classes = names.map(() => classIndex);
    const { values } = await explainer.explain(model, noisy, classes, undefined, names);
    names.forEach((_, row) => {
      addTo(halves[((start + row) % 2) as 0 | 1], values.data.subarray(row * image.length, (row + 1) * image.length));
    });
    told((start + names.length) / samples);
  }
  const [map, even, odd] = [merged(...halves), ...halves].map(statistics[statistic]) as [Map, Map, Map];
  return { map, error: relativeError(map, even, odd) };
}

type Map = Float64Array;

/** Standard deviation of the noise by channel, in units of the pixels. */
function deviationsOf({ model, image }: Asked, sigma: number, unit: Noise['unit']): readonly number[] {
  const { std } = model.input;
  if (unit === 'normalised') return std.map((deviation) => sigma * deviation);
  let [least, most] = [image[0]!, image[0]!];
  for (const value of image) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return std.map(() => sigma * (most - least));
}

/** Of a map of zeros, 0: all its copies agree. */
function relativeError(map: Map, even: Map, odd: Map): number {
  const length = norm(map);
  return length === 0 ? 0 : norm(even.map((value, i) => value - odd[i]!)) / 2 / length;
}

function norm(values: Map): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
}
