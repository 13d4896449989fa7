import { expectFinite, layerNamed, StudyError } from '@espalier/core';
import { meanActivations, type SeenCrops } from '@espalier/images';
import type { Matrix } from './matrix.ts';

/** What becomes of negative activations. */
export type Negative = 'split' | 'refuse';

/**
 * Activations of `layer` for each crop, averaged over the places of the image: p d.
 *
 * @param told is called with the number of crops done
 * @throws StudyError `core/not-supported` when the layer has negative activations that are refused.
 */
export async function pooledActivations(
  { negative, ...seen }: SeenCrops & { readonly negative: Negative },
  told: (done: number) => void,
): Promise<Matrix> {
  const { model, layer, crops } = seen;
  const data = await meanActivations(seen, { told, see: (places) => expectSigns(places, layer, negative) });
  return { rows: crops.length, columns: layerNamed(model.layers, layer).features, data };
}

/** @throws StudyError `core/not-supported` where a value is negative that must not be; `core/values-not-finite` */
export function expectSigns(places: Float32Array, layer: string, negative: Negative): void {
  expectFinite(places, `activations of "${layer}"`);
  const index = negative === 'split' ? -1 : places.findIndex((value) => value < 0);
  if (index < 0) return;
  throw new StudyError(
    'core/not-supported',
    `CRAFT with \`negative\` "refuse" needs a layer whose activations are never negative, such as one after a ReLU; "${layer}" gave ` +
      `${places[index]} at index ${index} of ${places.length}. Choose another \`layer\`, or \`negative\` "split".`,
  );
}
