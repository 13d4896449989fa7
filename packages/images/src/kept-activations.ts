import { createHash } from 'node:crypto';
import type { Crop, Model, NdArray } from '@espalier/core';

/** Of one model, in bytes: crops of a thousand photographs at a layer of 512 features. */
const mostBytes = 64 * 2 ** 20;

const kept = new WeakMap<Model, Map<string, Float64Array>>();

/** What a model was asked for: crops of these very images at a layer. */
export function keyOfCrops(layer: string, images: NdArray<'n h w c'>, crops: readonly Crop[]): string {
  const { data } = images;
  const hash = createHash('sha256');
  hash.update(JSON.stringify([layer, images.shape, crops]));
  hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
}

/** What was kept for a key. Several dictionaries, and what measures them, see the same crops of one model. */
export function keptMeans(model: Model, key: string): Float64Array | undefined {
  const ofModel = kept.get(model);
  const found = ofModel?.get(key);
  if (!ofModel || !found) return undefined;
  ofModel.delete(key); // to the end of the row: what was not used for longest goes first
  ofModel.set(key, found);
  return found.slice();
}

/** Keeps means as long as the model is used, and lets those go that were not used for longest. */
export function keepMeans(model: Model, key: string, means: Float64Array): void {
  const ofModel = kept.get(model) ?? new Map<string, Float64Array>();
  kept.set(model, ofModel);
  ofModel.set(key, means.slice());
  let bytes = 0;
  for (const { byteLength } of ofModel.values()) bytes += byteLength;
  for (const [oldest, { byteLength }] of ofModel) {
    if (bytes <= mostBytes) break;
    ofModel.delete(oldest);
    bytes -= byteLength;
  }
}
