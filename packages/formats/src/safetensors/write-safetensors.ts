import type { NdArray } from '@espalier/core';

/**
 * Writes float32 arrays as a safetensors file that PyTorch loads. Names are written in the map's order.
 *
 * @param metadata free text, kept under `__metadata__`
 * @returns the bytes of the file
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Pick<NdArray, 'data' | 'shape'>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries: string[] = [];
  const add = (name: string, value: unknown) => entries.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
  if (Object.keys(metadata).length > 0) add('__metadata__', metadata);
  let offset = 0;
  for (const [name, { data, shape }] of tensors) {
    add(name, { dtype: 'F32', shape, data_offsets: [offset, offset + 4 * data.length] });
    offset += 4 * data.length;
  }
  const text = new TextEncoder().encode(`{${entries.join(',')}}`);
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(start + offset).fill(0x20, 8, start); // the specification pads with spaces
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(text, 8);
  const values = new Float32Array(file.buffer, start);
  let index = 0;
  for (const { data } of tensors.values()) {
    values.set(data, index);
    index += data.length;
  }
  return file;
}
