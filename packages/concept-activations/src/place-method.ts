import { imagesIn, type ModelNeeds, type OptionFinding, type Passes, type PlanKnowledge } from '@espalier/core';
import { cropPasses } from './crops.ts';
import type { PlaceOptions } from './extractor.ts';
import { learningFindings } from './options.ts';

/**
 * What a plugin made of `placeExtractor` declares to a plan, spread into it: the layer must be read by the rest of the network; what is wrong
 * with the options for the images; an activation of each crop and two of each image.
 *
 * @param title of the method, as people call it
 */
export function placeMethod(title: string) {
  return {
    kind: 'concepts',
    title,
    needs: ({ layer }: Pick<PlaceOptions, 'layer'>): ModelNeeds => ({
      layers: [{ path: ['layer'], name: layer, demand: 'read' }],
    }),
    check: (asked: PlaceOptions, { images }: Pick<PlanKnowledge, 'images'>): readonly OptionFinding[] =>
      learningFindings(asked, images, title),
    passes({ patch }: Pick<PlaceOptions, 'patch'>, { images }: Pick<PlanKnowledge, 'images'>): Passes | undefined {
      const [crops, count] = [cropPasses(patch, images), imagesIn(images)];
      return crops && count !== undefined ? { forward: crops.forward! + 2 * count } : undefined;
    },
  } as const;
}
