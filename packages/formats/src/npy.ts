import { type NdArray, StudyError, sizeOf } from '@espalier/core';

const magic = '\x93NUMPY';

/**
 * Writes an array as a NumPy `.npy` file, version 1.0, little-endian float32, C order.
 *
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @param array any shape, row-major
 * @returns the bytes of the file
 */
export function writeNpy(array: Pick<NdArray, 'data' | 'shape'>): Uint8Array {
  const shape = `(${array.shape.map((size) => `${size},`).join(' ')})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10; // the data starts at a multiple of 64
  const file = new Uint8Array(10 + length + 4 * array.data.length);
  file.set(Buffer.from(magic, 'latin1'));
  file.set([1, 0, length & 0xff, length >>> 8], 6);
  file.set(Buffer.from(`${text.padEnd(length - 1)}\n`, 'latin1'), 10);
  const view = new DataView(file.buffer);
  array.data.forEach((value, i) => {
    view.setFloat32(10 + length + 4 * i, value, true);
  });
  return file;
}

/**
 * Reads a little-endian float32, float64 or uint8 `.npy` file in C order, as float32.
 *
 * @throws StudyError `files/invalid`
 * @param file the bytes of the whole file
 * @param name what errors call it
 * @returns an array of the shape that the file states
 */
export function readNpy(file: Uint8Array, name = '.npy file'): NdArray {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.byteLength < 12 || Buffer.from(file.subarray(0, 6)).toString('latin1') !== magic) {
    throw invalid(name, 'it must start with the NumPy magic');
  }
  const wide = file[6]! >= 2;
  const start = (wide ? 12 : 10) + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const text = Buffer.from(file.subarray(wide ? 12 : 10, start)).toString('latin1');
  const type = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const sizes = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1];
  if (sizes === undefined || !/'fortran_order':\s*False/.test(text))
    throw invalid(name, 'it must have a shape in C order');
  const shape = sizes
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  const reader = type !== undefined && Object.hasOwn(readers, type) ? readers[type] : undefined;
  if (!reader) throw invalid(name, `its type must be one of ${Object.keys(readers).join(', ')}; found ${type}`);
  const count = sizeOf(shape);
  if (start + count * reader.bytes !== file.byteLength) throw invalid(name, `it must hold ${count} values`);
  const data = Float32Array.from({ length: count }, (_, i) => reader.read(view, start + i * reader.bytes));
  return { data, shape, axes: shape.map((_, i) => `a${i}`).join(' ') };
}

const readers: Readonly<
  Record<string, { readonly bytes: number; readonly read: (view: DataView, at: number) => number }>
> = {
  '<f4': { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  '<f8': { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  '|u1': { bytes: 1, read: (view, at) => view.getUint8(at) },
};

function invalid(name: string, problem: string): StudyError {
  return new StudyError(
    'files/invalid',
    `${name} is not a readable NumPy file: ${problem}. Save it again with numpy.save.`,
  );
}
