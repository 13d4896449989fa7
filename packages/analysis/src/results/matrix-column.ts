/** Values of column `column` of a row-major matrix with `width` columns. */
export function matrixColumn(data: Float32Array | Uint8Array, width: number, column: number): Float64Array {
  const values = new Float64Array(width === 0 ? 0 : data.length / width);
  for (let row = 0; row < values.length; row++) values[row] = data[row * width + column]!;
  return values;
}
