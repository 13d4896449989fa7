import { type NdArray, ndArray } from '@espalier/core';
import { readSafetensors, writeSafetensors } from '@espalier/formats';
import { caseOf, mutationsOf, otherValuesOf, type Reader, type Target } from './target.ts';

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
  const reader: Reader = {
    place: /^weights\.safetensors(: "| is not a readable safetensors file: )/,
    read: (input) => readSafetensors(input, 'weights.safetensors'),
  };
  return {
    name: 'safetensors',
    sound: seeds.map((seed) => caseOf(reader, seed)),
    generators: [mutationsOf(reader, seeds), otherValuesOf(reader, header, (text) => withHeader(text, 220))],
  };
}

function withHeader(header: string, dataBytes: number): Uint8Array {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}
