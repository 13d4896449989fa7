import { sizeOf } from '@espalier/core';
import type { Shape } from '../layers/shape.ts';
import type { Couplings } from './couplings.ts';

/** Ids of channels for every number of a value; axes along which they are the same are kept once. */
export interface Places {
  readonly shape: Shape;
  /** 1 for axes along which all are the same, else the length in `shape`. */
  readonly sizes: readonly number[];
  /** Row-major, of `sizes`. */
  readonly ids: Int32Array;
}

/** Calls `visit` with every index into `sizes`, row-major. The index is changed in place. */
function eachIndex(sizes: readonly number[], visit: (index: readonly number[], at: number) => void): void {
  const index = sizes.map(() => 0);
  const count = sizeOf(sizes);
  for (let at = 0; at < count; at++) {
    visit(index, at);
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < sizes[axis]!) break;
      index[axis] = 0;
    }
  }
}

/** The value whose ids are `idAt` of each index into `sizes`. */
export function placesBy(shape: Shape, sizes: readonly number[], idAt: (index: readonly number[]) => number): Places {
  const ids = new Int32Array(sizeOf(sizes));
  eachIndex(sizes, (index, at) => {
    ids[at] = idAt(index);
  });
  return { shape, sizes, ids };
}

/** One id for each place of an axis, the last if none is named. */
export function placesAlong(shape: Shape, ids: readonly number[], axis = shape.length - 1): Places {
  const sizes = shape.map((length, at) => (at === axis ? length : 1));
  return { shape, sizes, ids: Int32Array.from(ids) };
}

/** The id at an index into the shape, or into sizes that are at least as fine. */
export function idAt({ sizes, ids }: Places, index: readonly number[]): number {
  let at = 0;
  for (let axis = 0; axis < sizes.length; axis++) at = at * sizes[axis]! + (sizes[axis] === 1 ? 0 : index[axis]!);
  return ids[at]!;
}

/** All ids that fall together where axes of `sizes` that are 1 are taken as one place; row-major, of `sizes`. */
export function idsBy(places: Places, sizes: readonly number[]): readonly (readonly number[])[] {
  const found: number[][] = Array.from({ length: sizeOf(sizes) }, () => []);
  eachIndex(places.sizes, (index, at) => {
    const place = sizes.reduce((before, length, axis) => before * length + (length === 1 ? 0 : index[axis]!), 0);
    found[place]!.push(places.ids[at]!);
  });
  return found;
}

/** The value with ids that fall together united, see `idsBy`. */
export function united(places: Places, sizes: readonly number[], couplings: Couplings, reason: string): Places {
  const groups = idsBy(places, sizes);
  for (const ids of groups) couplings.join(ids, reason);
  return { shape: places.shape, sizes, ids: Int32Array.from(groups, ([first]) => first!) };
}

/** The same ids in another shape, row-major. */
export function reshaped(places: Places, shape: Shape, couplings: Couplings): Places {
  // Axes before the first along which channels differ repeat what follows them.
  const first = places.sizes.findIndex((length) => length > 1);
  const inner = first < 0 ? 1 : sizeOf(places.shape.slice(first));
  const start = shape.findIndex((_, axis) => sizeOf(shape.slice(axis)) === inner);
  const rest = start < 0 ? places.shape : places.shape.map((length, axis) => (axis < first || first < 0 ? 1 : length));
  const all = placesBy(places.shape, rest, (index) => idAt(places, index));
  const sizes = shape.map((length, axis) => (axis < start ? 1 : length));
  return collapsed({ shape, sizes: first < 0 ? shape.map(() => 1) : sizes, ids: all.ids }, couplings);
}

/** Axis i is axis `permutation[i]`. */
export function transposed(places: Places, permutation: readonly number[]): Places {
  const order = (list: readonly number[]) => permutation.map((axis) => list[axis]!);
  return placesBy(order(places.shape), order(places.sizes), (index) =>
    idAt(
      places,
      permutation.map((_, axis) => index[permutation.indexOf(axis)]!),
    ),
  );
}

/** The places `indices` of one axis. */
export function picked(places: Places, axis: number, indices: readonly number[]): Places {
  const shape = places.shape.with(axis, indices.length);
  if (places.sizes[axis] === 1 && places.shape[axis] !== 1) return { ...places, shape };
  return placesBy(shape, places.sizes.with(axis, indices.length), (index) =>
    idAt(places, index.with(axis, indices[index[axis]!]!)),
  );
}

/** Values joined along one axis. */
export function joined(parts: readonly Places[], shape: Shape, axis: number, couplings: Couplings): Places {
  const owners = parts.flatMap((part) => Array.from({ length: part.shape[axis]! }, (_, place) => ({ part, place })));
  const sizes = shape.map((length, at) => (at === axis ? length : Math.max(...parts.map((part) => part.sizes[at]!))));
  return collapsed(
    placesBy(shape, sizes, (index) => {
      const { part, place } = owners[index[axis]!]!;
      return idAt(part, index.with(axis, place));
    }),
    couplings,
  );
}

/** Keeps axes once along which all channels go together, as far as is known yet. */
export function collapsed(places: Places, couplings: Couplings): Places {
  const classAt = (found: Places, index: readonly number[]) => couplings.classOf(idAt(found, index));
  return places.sizes.reduce<Places>((found, length, axis) => {
    if (length === 1) return found;
    let same = true;
    eachIndex(found.sizes, (index) => {
      same &&= index[axis] === 0 || classAt(found, index) === classAt(found, index.with(axis, 0));
    });
    return same ? placesBy(found.shape, found.sizes.with(axis, 1), (index) => idAt(found, index)) : found;
  }, places);
}
