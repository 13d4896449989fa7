import { type Dictionary, type Learning, type Matrix, takeMatrixRows, zeros } from '@espalier/concept-activations';
import { nonNegativeCodes } from './factorisation/non-negative-codes.ts';
import { signedDirections } from './signed-directions.ts';

/** Directions of concepts, and how the search for them ended. */
export type FoundDirections = Omit<Dictionary, 'encode' | 'offset' | 'names'>;

/**
 * A dictionary whose codes are not negative, of directions that are signed where activations are.
 *
 * @param find directions of rows to learn from, p d or p 2d, none of whose values is negative
 */
export function nonNegativeDictionary(
  { activations, learnt }: Learning,
  find: (activations: Matrix) => FoundDirections,
): Dictionary {
  const found = signedDirections(activations, (parts) => find(takeMatrixRows(parts, learnt)));
  const directions = unitColumns(found.directions);
  const { iterations, stop } = found;
  return { directions, encode: (rows) => nonNegativeCodes(rows, directions), iterations, stop };
}

/** Columns scaled to Euclidean norm 1, so that codes of different concepts compare; a column of zeros stays. */
function unitColumns({ rows, columns, data }: Matrix): Matrix {
  const scaled = zeros(rows, columns);
  for (let k = 0; k < columns; k++) {
    let squares = 0;
    for (let d = 0; d < rows; d++) squares += data[d * columns + k]! ** 2;
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    for (let d = 0; d < rows; d++) scaled.data[d * columns + k] = scale * data[d * columns + k]!;
  }
  return scaled;
}
