import {
  type Attributions,
  defineMetric,
  definePlugin,
  type Measurement,
  type Model,
  ndArray,
  randomStream,
} from '@espalier/core';
import { splitOf } from '@espalier/core/testing';
import * as z from 'zod';

/** Maps, with what the model answers that they explain: logits of the class of each image, and of its mean. */
export interface Explained {
  readonly maps: Attributions;
  readonly logits: readonly number[];
  readonly atMean: readonly number[];
}

/** Who looks at what a study computes, while it is open: each by the name of its node. */
export interface Looks {
  readonly pruned: (node: string, model: Model) => Promise<void>;
  readonly explained: (node: string, found: Explained) => void;
}

const source = { title: 'Made for tests', url: 'https://example.org', departures: [] };
const common = { cacheVersion: '1', source, options: z.strictObject({ node: z.string() }) };
const classes = ['red', 'green', 'blue'];
const labels = { train: [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2], tune: [0], val: [0, 2] };
const side = 32;
const normalisation = { mean: [0.4, 0.4, 0.4], std: [0.25, 0.25, 0.25] };

/** Bars of the colour of their class on noise: enough to train on, and for a map to show. */
const images = definePlugin({
  ...{ ...common, kind: 'dataset', name: 'images', options: z.strictObject({}) },
  dataOutline: () => ({ height: side, width: side, classes }),
  create: () => ({
    classes,
    split: (name) => ({ ...splitOf(drawn(labels[name], name), labels[name], classes), name, normalisation }),
  }),
});

function drawn(classOf: readonly number[], name: string) {
  const stream = randomStream(1, `swap-matrix-${name}`);
  const data = classOf.flatMap((label) =>
    Array.from({ length: side * side * 3 }, (_, i) => {
      const isBar = Math.floor((Math.floor(i / 3) % side) / 11) === label && i % 3 === label;
      return (isBar ? 0.7 : 0.2) + 0.3 * stream.uniform();
    }),
  );
  return ndArray('n h w c', [classOf.length, side, side, 3], Float32Array.from(data));
}

/** A package for a study: small images, and metrics that only look. */
export function lookingPackage({ pruned, explained }: Looks) {
  const masks = defineMetric({
    ...{ ...common, name: 'masks', inputs: ['model'] },
    create: ({ node }) => ({
      async measure({ model }) {
        await pruned(node, model);
        return looked;
      },
    }),
  });
  const maps = defineMetric({
    ...{ ...common, name: 'maps', inputs: ['model', 'images', 'attributions'] },
    create: ({ node }) => ({
      async measure({ model, images: split, attributions: asked }) {
        const { data, shape } = await model.predict(await split.images([...split.ids.keys()]));
        const mean = ndArray('n h w c', [1, side, side, 3], new Float32Array(side * side * 3).fill(0.4));
        const { data: means } = await model.predict(mean);
        const logits = asked.classIndex.map((index, n) => data[n * shape[1]! + index]!);
        explained(node, { maps: asked, logits, atMean: asked.classIndex.map((index) => means[index]!) });
        return looked;
      },
    }),
  });
  return { apiVersion: 'plugin/v1', plugins: [images, masks, maps] };
}

const looked: readonly Measurement[] = [
  {
    ...{ metric: 'looked', words: { name: 'Looked', meaning: 'whether somebody has looked' }, aspect: 'tests' },
    ...{ role: 'companion', direction: 'neither', range: [0, 1], sample: 'network', summary: 'mean' },
    ...{ ids: ['network'], values: [1] },
  },
];
