import type { Matrix } from '@espalier/concept-activations';

const iterations = 100;
const tolerance = 1e-6;

/** The point whose distances from all rows add up to least: Weiszfeld's iteration, from the mean. */
export function geometricMedian({ rows, columns, data }: Matrix): Float64Array {
  let median = new Float64Array(columns);
  data.forEach((value, i) => {
    median[i % columns]! += value / rows;
  });
  for (let i = 0; i < iterations; i++) {
    const next = weightedMean({ rows, columns, data }, median);
    const moved = Math.sqrt(next.reduce((sum, value, d) => sum + (value - median[d]!) ** 2, 0));
    const size = Math.sqrt(next.reduce((sum, value) => sum + value ** 2, 0));
    median = next;
    if (moved <= tolerance * size) break;
  }
  return median;
}

/** Rows weighted by one over their distance; a row at the point itself counts as one that is very near. */
function weightedMean({ rows, columns, data }: Matrix, point: Float64Array): Float64Array<ArrayBuffer> {
  const sum = new Float64Array(columns);
  let weights = 0;
  for (let n = 0; n < rows; n++) {
    let squares = 0;
    for (let d = 0; d < columns; d++) squares += (data[n * columns + d]! - point[d]!) ** 2;
    const weight = 1 / Math.max(Math.sqrt(squares), 1e-9);
    weights += weight;
    for (let d = 0; d < columns; d++) sum[d]! += weight * data[n * columns + d]!;
  }
  return sum.map((value) => value / weights);
}
