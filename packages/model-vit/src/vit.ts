import { architecturePlugin, startOptions } from '@espalier/nn/architectures';
import * as z from 'zod';
import { vitInitial } from './initial.ts';
import { type VitName, vit, vitSizes } from './network.ts';
import { otherNames } from './other-names.ts';

const options = z.strictObject(startOptions);

/** The plugin of one size. */
export function vitPlugin(name: VitName) {
  const { patch } = vitSizes[name];
  return architecturePlugin({
    name,
    cacheVersion: '2',
    source: {
      title: 'Dosovitskiy et al. (2021), An image is worth 16x16 words; layers as in torchvision',
      url: 'https://arxiv.org/abs/2010.11929',
      departures: ['embeddings of positions are not stretched to images of another size than that of the weights'],
    },
    options,
    images: {
      family: 'A vision transformer',
      which: `square images whose side is a multiple of ${patch} pixels`,
      fit: (height, width) => height === width && height > 0 && height % patch === 0,
      advice: "Choose such a size in the dataset's options.",
    },
    network: (_, made) => vit(name, made),
    initial: vitInitial,
    otherNames,
    sizeOf(shapeOf) {
      const side = patch * Math.sqrt((shapeOf('encoder.pos_embedding')?.[1] ?? 0) - 1);
      return Number.isInteger(side / patch) && side > 0 ? { height: side, width: side } : undefined;
    },
  });
}
