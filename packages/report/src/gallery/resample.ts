/** Height and width of a map. */
export type MapSize = readonly [height: number, width: number];

/** For one output place: the first input place that counts and the weights from there on, which sum to 1. */
interface Taps {
  readonly start: number;
  readonly weights: readonly number[];
}

/** Bilinear enlargement of a row-major map with half-pixel centres; the edges are held. */
export function enlarge(values: ArrayLike<number>, from: MapSize, to: MapSize): Float32Array {
  return resample(values, from, [bilinearTaps(from[0], to[0]), bilinearTaps(from[1], to[1])]);
}

/** Shrinks a row-major map by averaging areas: opposite signs cancel, as they do to the eye, before they are coloured. */
export function shrink(values: ArrayLike<number>, from: MapSize, to: MapSize): Float32Array {
  return resample(values, from, [areaTaps(from[0], to[0]), areaTaps(from[1], to[1])]);
}

function bilinearTaps(from: number, to: number): Taps[] {
  return Array.from({ length: to }, (_, i) => {
    const place = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const start = Math.floor(place);
    const part = place - start;
    return { start, weights: part === 0 ? [1] : [1 - part, part] };
  });
}

function areaTaps(from: number, to: number): Taps[] {
  const length = from / to;
  return Array.from({ length: to }, (_, i) => {
    const [low, high] = [i * length, Math.min(from, (i + 1) * length)];
    const start = Math.floor(low);
    const count = Math.max(1, Math.ceil(high - 1e-9) - start);
    const overlap = (k: number) => Math.min(high, start + k + 1) - Math.max(low, start + k);
    return { start, weights: Array.from({ length: count }, (_, k) => overlap(k) / (high - low)) };
  });
}

/** Rows first, then columns. */
function resample(
  values: ArrayLike<number>,
  [, width]: MapSize,
  [rows, columns]: readonly [Taps[], Taps[]],
): Float32Array {
  const result = new Float32Array(rows.length * columns.length);
  const line = new Float64Array(width);
  for (let y = 0; y < rows.length; y++) {
    const row = rows[y]!;
    line.fill(0);
    for (let k = 0; k < row.weights.length; k++) {
      const weight = row.weights[k]!;
      const first = (row.start + k) * width;
      for (let x = 0; x < width; x++) line[x]! += weight * values[first + x]!;
    }
    for (let x = 0; x < columns.length; x++) {
      const { start, weights } = columns[x]!;
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * line[start + k]!;
      result[y * columns.length + x] = sum;
    }
  }
  return result;
}
