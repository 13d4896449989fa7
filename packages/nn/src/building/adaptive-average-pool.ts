import type { GraphBuilder, Value } from './graph-builder.ts';

/**
 * Means over windows that divide a map into `size` x `size` places: PyTorch's `AdaptiveAvgPool2d`. Place i of an axis is the mean of the places
 * from floor(i length / size) to ceil((i + 1) length / size), so that windows may overlap and differ in length.
 *
 * @param place rows and columns of the map
 * @returns the map itself where it has `size` rows and columns
 */
export function adaptiveAveragePool(
  graph: GraphBuilder,
  name: string,
  x: Value,
  place: readonly [height: number, width: number],
  size: number,
): Value {
  if (place.every((length) => length === size)) return x;
  const windows = place.map((length) => windowsOf(length, size));
  const kernel = windows.map((each) => evenLength(each)) as [number, number]; // of rows and of columns
  let gathered = x;
  windows.forEach((each, axis) => {
    const indices = each.flatMap((window) => repeatedTo(window, kernel[axis]!));
    if (indices.length === place[axis] && indices.every((index, i) => index === i)) return;
    const layer = { kind: 'gather', axis, indices } as const;
    gathered = graph.add(`${name}.${axis === 0 ? 'rows' : 'columns'}`, [gathered], layer, x.features);
  });
  const window = { kernel, stride: kernel, padding: [0, 0, 0, 0] } as const;
  const layer = { kind: 'average-pool', ...window, countsPadding: false, overhang: [0, 0] } as const;
  return graph.add(name, [gathered], layer, x.features);
}

/** The places of each window of one axis. */
function windowsOf(length: number, size: number): readonly (readonly number[])[] {
  return Array.from({ length: size }, (_, i) => {
    const start = Math.floor((i * length) / size);
    const end = Math.ceil(((i + 1) * length) / size);
    return Array.from({ length: end - start }, (__, j) => start + j);
  });
}

/** The smallest length that repeating makes of every window. */
function evenLength(windows: readonly (readonly number[])[]): number {
  return windows.reduce((length, window) => (length * window.length) / commonDivisor(length, window.length), 1);
}

function repeatedTo(window: readonly number[], length: number): readonly number[] {
  return window.flatMap((index) => new Array<number>(length / window.length).fill(index));
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
