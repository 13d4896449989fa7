import { apartFindings, defineMetric, imagesIn } from '@espalier/core';
import { measureRoad } from './measure-road.ts';
import { roadOptions, startProblem } from './road-options.ts';
import { roadPresets } from './road-presets.ts';

/**
 * ROAD: removes pixels in the order of their attribution, imputes them from their neighbours with noise, and asks
 * the model again; also in the reverse order and in random ones.
 *
 * Returns for each image `road-aopc`, the area over the curve of hits (1 where the target class has the largest logit), and
 * `road-probability-aopc`, the same of the target's probability, with their curves; `road-normalised-aopc` divides the latter by its
 * start. With the least relevant first too, `road-srg` is the area between both curves, divided by the start. With random orders,
 * `road-aopc-minus-random` and `road-probability-aopc-minus-random` say how much better than chance, and `road-model-scope` whether imputed
 * images are what the model knows.
 * @example "scores": { "use": "metrics/road", "in": { "model": …, "images": …, "attributions": … } }
 */
export const road = defineMetric({
  name: 'road',
  cacheVersion: '4',
  usesSeed: false,
  source: {
    title: 'Rong et al. (2022), A Consistent and Efficient Evaluation Strategy for Attribution Methods',
    url: 'https://arxiv.org/abs/2202.00449',
    departures: [
      'the linear systems are solved by preconditioned conjugate gradients to a proved tolerance, not by a direct solver',
      'noise depends on the image, level, pixel and channel alone, so an image scores the same in any batch',
      'corrected: levels 0, 10, …, 90 %, and the area (Samek et al. 2016) is measured from the unmodified image',
      'least relevant first removes these pixels at each level; the released code of ROAD removes the rest of the image',
      'road-srg and road-model-scope are the symmetric relevance gain and R-OMS of Blücher et al. (2024, https://arxiv.org/abs/2401.06654) with pixels for superpixels and ROAD for occlusion; the gain is divided by the start, and is a mean over the levels',
    ],
  },
  options: roadOptions,
  presets: roadPresets,
  inputs: ['model', 'images', 'attributions'],
  check(options, known) {
    const text = startProblem(options);
    return [...apartFindings(known), ...(text === undefined ? [] : [{ path: ['percentages'], text }])];
  },
  passes({ percentages, orders, randomOrders }, { images }) {
    const count = imagesIn(images);
    const others = { morf: 0, both: 1, all: 1 + randomOrders }[orders];
    const removed = percentages.filter((percentage) => percentage > 0).length;
    return count === undefined ? undefined : { forward: count * (percentages.length + others * removed) };
  },
  create: (options, services) => ({ measure: (inputs) => measureRoad(inputs, options, services) }),
});
