import { type NdArray, ndArray, readSafetensors, writeSafetensors } from '@espalier/core';
import { mutationsOf, otherValuesOf, type Target } from './target.ts';

/** Safetensors files, read. */
export function safetensorsTarget(): Target {
  const arrays = new Map<string, NdArray>([
    ['conv.weight', ndArray('o i h w', [2, 3, 3, 3])],
    ['bias', ndArray('o', [2])],
  ]);
  const header = JSON.stringify({
    __metadata__: { made: 'by a test' },
    'conv.weight': { dtype: 'F32', shape: [2, 3, 3, 3], data_offsets: [0, 216] },
    bias: { dtype: 'F16', shape: [2], data_offsets: [216, 220] },
  });
  const seeds = [writeSafetensors(arrays), writeSafetensors(arrays, { made: 'by a test' })];
  return {
    name: 'safetensors',
    seeds,
    generators: [mutationsOf(seeds), otherValuesOf(header, (text) => withHeader(text, arrays.size * 256))],
    place: /^weights\.safetensors(: "| is not a readable safetensors file: )/,
    run: (input) => readSafetensors(input, 'weights.safetensors'),
  };
}

function withHeader(header: string, dataBytes: number): Uint8Array {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}
