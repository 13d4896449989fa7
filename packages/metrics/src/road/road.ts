import { apartFindings, defineMetric, imagesIn } from '@espalier/core';
import { measureRoad } from './measure-road.ts';
import { roadOptions, startProblem } from './road-options.ts';
import { roadPresets } from './road-presets.ts';

/**
 * ROAD: removes pixels in the order of their attribution, imputes them from their neighbours with noise, and asks
 * the model again.
 *
 * Returns two scores per image: `road-aopc`, the area over the curve of hits (1 where the target class has the largest
 * logit), and `road-probability-aopc`, the same of the target's probability. The curves come with them. With the order
 * `lerf` they are called `road-lerf-aopc` and `road-lerf-probability-aopc`, and lower is better. Each comes with the
 * same area measured from the curve's other origin.
 * @example "scores": { "use": "metrics/road", "in": { "model": …, "images": …, "attributions": … } }
 */
export const road = defineMetric({
  name: 'road',
  cacheVersion: '3',
  usesSeed: false,
  source: {
    title: 'Rong et al. (2022), A Consistent and Efficient Evaluation Strategy for Attribution Methods',
    url: 'https://arxiv.org/abs/2202.00449',
    departures: [
      'the linear systems are solved by preconditioned conjugate gradients to a proved tolerance, not by a direct solver',
      'noise depends on the image, level, pixel and channel alone, so an image scores the same in any batch',
      'corrected: levels 0, 10, …, 90 %, and the area (Samek et al. 2016) is measured from the unmodified image',
      'lerf removes the least relevant pixels at each level; the released code of ROAD removes the rest of the image',
    ],
  },
  options: roadOptions,
  presets: roadPresets,
  inputs: ['model', 'images', 'attributions'],
  check(options, known) {
    const text = startProblem(options);
    return [...apartFindings(known), ...(text === undefined ? [] : [{ path: ['percentages'], text }])];
  },
  passes({ percentages }, { images }) {
    const count = imagesIn(images);
    return count === undefined ? undefined : { forward: count * percentages.length };
  },
  create: (options, services) => ({ measure: (inputs) => measureRoad(inputs, options, services) }),
});
