import { imagesIn, type PlanKnowledge } from '@espalier/core';
import * as z from 'zod';

/** The layer whose activations are mapped. */
export const layer = z
  .string()
  .min(1)
  .nullable()
  .default(null)
  .describe(
    'layer that is mapped; null takes the last stage that has a map: at least two places, which the rest reads',
  );

/** How the map becomes as large as the image. */
export const resize = z
  .enum(['bilinear', 'nearest'])
  .optional()
  .describe("how the map is enlarged: between the centres of places, or each place as a block; the preset's if absent");

/** In which range maps are. */
export const scale = z
  .enum(['none', 'range'])
  .optional()
  .describe("maps as they are, or each from 0 to 1 by its own range; the preset's if absent");

/** What every plugin of the family declares. */
export const declared = {
  kind: 'explainer',
  cacheVersion: '1',
  usesSeed: false,
  passes(_: unknown, { images }: PlanKnowledge) {
    const count = imagesIn(images);
    return count === undefined ? undefined : { forward: count, gradient: count };
  },
} as const;

/** Departures of all of them. */
export const departures = [
  'the layer is any that has a map; of a transformer its tokens as they lie on the image, and the class token does not count',
  'enlarged bilinearly between the centres of places, edges repeated (align_corners=False), unless the preset says otherwise',
];
