import {
  type Attributions,
  expectFinite,
  expectShape,
  ndArray,
  readSafetensors,
  writeSafetensors,
} from '@espalier/core';
import type { Codec } from './codec.ts';

type AttributionsJson = Omit<Attributions, 'values' | 'method'>;

/** Values as safetensors; ids, classes and diagnostics as JSON. The name of the method is the study's, not stored. */
export const attributionsCodec: Codec<'attributions'> = {
  pack({ values, method, ...json }) {
    expectShape(values, [json.ids.length, null, null, null], `the attributions of ${method}`);
    expectFinite(values.data, `the attributions of ${method}`);
    return { json, blobs: new Map([['values.safetensors', writeSafetensors(new Map([['values', values]]))]]) };
  },
  async unpack({ json, blob }) {
    const { tensors } = readSafetensors(await blob('values.safetensors'), 'values.safetensors');
    const { shape, data } = tensors.get('values')!; // written by pack, verified by the store
    return { ...(json as AttributionsJson), method: '', values: ndArray('n h w c', shape, data) };
  },
  named: (value, { use }) => ({ ...value, method: use }),
};
