import { type Attributions, expectFinite, expectShape, type Labelled, ndArray } from '@espalier/core';
import { readSafetensors, writeSafetensors } from '@espalier/formats';
import type { Codec } from './codec.ts';

type AttributionsJson = Omit<Labelled<Attributions>, 'values' | 'method'>;

/** Values as safetensors; ids, classes and diagnostics as JSON. The name of the method is the study's, not stored. */
export const attributionsCodec: Codec<'attributions'> = {
  pack({ values, method, ...json }) {
    expectShape(values, [json.ids.length, null, null, null], `the attributions of ${method}`);
    expectFinite(values.data, `the attributions of ${method}`);
    for (const [name, numbers] of Object.entries(json.diagnostics))
      checkDiagnostic(name, numbers, json.ids.length, method);
    return { json, blobs: new Map([['values.safetensors', writeSafetensors(new Map([['values', values]]))]]) };
  },
  async unpack({ json, blob }) {
    const { tensors } = readSafetensors(await blob('values.safetensors'), 'values.safetensors');
    const { shape, data } = tensors.get('values')!; // written by pack, verified by the store
    return { ...(json as AttributionsJson), method: '', values: ndArray('n h w c', shape, data) };
  },
  named: (value, { use }) => ({ ...value, method: use }),
};

function checkDiagnostic(name: string, numbers: readonly number[], images: number, method: string): void {
  const where = `the diagnostic "${name}" of ${method}`;
  expectShape(ndArray('n', [numbers.length], Float32Array.from(numbers)), [images], where);
  expectFinite(numbers, where);
}
