import type { NdArray } from '@espalier/core';

const weights = [
  [0, 1, 1 / 6],
  [0, -1, 1 / 6],
  [1, 0, 1 / 6],
  [-1, 0, 1 / 6],
  [1, 1, 1 / 12],
  [1, -1, 1 / 12],
  [-1, 1, 1 / 12],
  [-1, -1, 1 / 12],
] as const;

/** The slow, obvious twin of the imputer: writes the whole matrix and eliminates (Gauss, largest pivot). */
export function imputeDense({ data, shape }: NdArray<'h w c'>, removed: readonly number[]): Float64Array {
  const [height, width] = shape as [number, number, number]; // 'h w c' has three sizes
  const unknown = new Map(removed.map((pixel, i) => [pixel, i]));
  const system = removed.map((pixel, i) => {
    const equation = new Float64Array(removed.length + 3);
    for (const [dy, dx, weight] of weights) {
      const [y, x] = [Math.floor(pixel / width) + dy, (pixel % width) + dx];
      if (y < 0 || y >= height || x < 0 || x >= width) continue;
      equation[i]! += weight;
      const neighbour = unknown.get(y * width + x);
      if (neighbour !== undefined) equation[neighbour]! -= weight;
      else for (let c = 0; c < 3; c++) equation[removed.length + c]! += weight * data[(y * width + x) * 3 + c]!;
    }
    return equation;
  });
  const solution = eliminate(system);
  const image = Float64Array.from(data);
  removed.forEach((pixel, i) => {
    image.set(solution[i]!.subarray(removed.length), pixel * 3);
  });
  return image;
}

/** Reduces `[A | B]` to `[I | X]`. */
function eliminate(system: Float64Array[]): Float64Array[] {
  for (let column = 0; column < system.length; column++) {
    let best = column;
    for (let i = column; i < system.length; i++) {
      if (Math.abs(system[i]![column]!) > Math.abs(system[best]![column]!)) best = i;
    }
    [system[column], system[best]] = [system[best]!, system[column]!];
    const pivotRow = system[column]!;
    const pivot = pivotRow[column]!;
    for (let j = column; j < pivotRow.length; j++) pivotRow[j]! /= pivot;
    for (const [i, equation] of system.entries()) {
      const factor = equation[column]!;
      if (i === column || factor === 0) continue;
      for (let j = column; j < equation.length; j++) equation[j]! -= factor * pivotRow[j]!;
    }
  }
  return system;
}
