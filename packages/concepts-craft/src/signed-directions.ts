import { hasNegative, type Matrix, zeros } from '@espalier/concept-activations';

/**
 * Directions for activations of any sign, by a search that knows non-negative values alone: where some are negative it sees the positive and
 * the negative part of every feature side by side, [A+, A-], as Hoyer's on and off channels (2004), and a direction is what it finds for the
 * first less what it finds for the second. Where none is, the second is zero and the search finds what it would without it.
 *
 * @param A p d
 * @param find directions for p d or p 2d, none of whose values is negative
 */
export function signedDirections<Found extends { readonly directions: Matrix }>(
  A: Matrix,
  find: (parts: Matrix) => Found,
): Found {
  if (!hasNegative(A.data)) return find(A);
  const found = find(bothParts(A));
  return { ...found, directions: differenceOfParts(found.directions) };
}

/** [A+, A-], p 2d: A is the first half less the second. */
export function bothParts({ rows, columns, data }: Matrix): Matrix {
  const parts = zeros(rows, 2 * columns);
  data.forEach((value, i) => {
    const row = Math.floor(i / columns);
    parts.data[row * columns + i + (value < 0 ? columns : 0)] = Math.abs(value);
  });
  return parts;
}

/** V+ - V-: d r, of 2d r. */
function differenceOfParts({ rows, columns, data }: Matrix): Matrix {
  const half = (rows / 2) * columns;
  return { rows: rows / 2, columns, data: data.slice(0, half).map((value, i) => value - data[half + i]!) };
}
