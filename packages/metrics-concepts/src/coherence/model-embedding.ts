import { layerNamed, type Model, type NdArray, type Services, StudyError } from '@espalier/core';
import { meanActivations, type SeenCrops } from '@espalier/images';
import { type Embeddings, toUnitLength } from './pair-similarity.ts';

/**
 * Each crop's mean activations over the places of a layer, scaled to length 1.
 * @throws StudyError `core/inputs-mismatch` where the model takes images of another size; `core/values-not-finite`
 */
export async function modelEmbeddings(seen: SeenCrops, { signal }: Services): Promise<Embeddings> {
  const { model, layer, images, crops } = seen;
  expectSize(model, images);
  const data = await meanActivations(seen, { told: () => signal.throwIfAborted() });
  return toUnitLength({ count: crops.length, size: layerNamed(model.layers, layer).features, data });
}

function expectSize({ input: { height, width } }: Model, { shape }: NdArray<'n h w c'>): void {
  if (shape[1] === height && shape[2] === width) return;
  throw new StudyError(
    'core/inputs-mismatch',
    `The embedder sees crops at the size of the images: expected a model of ${shape[1]} x ${shape[2]} pixels on the input "embedder", ` +
      `found one of ${height} x ${width}. Connect a model of that size.`,
  );
}
