import type { ImageSize } from '@espalier/images';

/** How many pixels a piece has. */
interface Sizes {
  /** Smaller ones join a neighbour. */
  readonly least: number;
  /** Larger ones are cut. */
  readonly most: number;
}

/**
 * Segments of one piece each, numbered from 0 in the order of their first pixels: pieces of a segment that do not touch become segments of
 * their own, and small ones join one that was numbered before (the last that is met going around the piece).
 *
 * @param labels of each pixel, row-major
 */
export function connected(labels: Int32Array, { height, width }: ImageSize, { least, most }: Sizes): Int32Array {
  const found = new Int32Array(labels.length).fill(-1);
  let next = 0;
  for (let first = 0; first < labels.length; first++) {
    if (found[first] !== -1) continue;
    let neighbour = next;
    const piece = [first];
    found[first] = next;
    for (let seen = 0; seen < piece.length && piece.length < most; seen++)
      for (const pixel of around(piece[seen]!, height, width)) {
        if (labels[pixel] === labels[first] && found[pixel] === -1) {
          found[pixel] = next;
          if (piece.push(pixel) >= most) break;
        } else if (found[pixel]! !== -1 && found[pixel] !== next) neighbour = found[pixel]!;
      }
    if (piece.length >= least) next++;
    else for (const pixel of piece) found[pixel] = neighbour;
  }
  return found;
}

/** The pixels that touch one: right, left, below, above. */
function around(pixel: number, height: number, width: number): readonly number[] {
  const [y, x] = [Math.floor(pixel / width), pixel % width];
  return [
    ...(x + 1 < width ? [pixel + 1] : []),
    ...(x > 0 ? [pixel - 1] : []),
    ...(y + 1 < height ? [pixel + width] : []),
    ...(y > 0 ? [pixel - width] : []),
  ];
}
