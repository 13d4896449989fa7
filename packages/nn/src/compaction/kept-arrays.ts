import { type Masks, type NdArray, sizeOf, type Weights } from '@espalier/core';

/** Of an axis, the places that stay. */
export function placesKept(goes: readonly boolean[]): readonly number[] {
  return goes.flatMap((dropped, place) => (dropped ? [] : [place]));
}

/** The parts of arrays and masks that stay when places of their axes go. */
export class KeptArrays {
  readonly weights = new Map<string, NdArray>();
  readonly masks = new Map<string, Uint8Array>();
  readonly #from: { readonly weights: Weights; readonly masks: Masks };

  constructor(from: { readonly weights: Weights; readonly masks: Masks }) {
    this.#from = from;
  }

  /** Keeps the parameter `name`, of some axes some places alone. */
  keep(name: string, axes: Axes): void {
    const array = this.#from.weights.get(name)!;
    const indices = indicesOf(array.shape, axes);
    const shape = array.shape.map((length, axis) => axes[axis]?.length ?? length);
    this.weights.set(name, { ...array, shape, data: Float32Array.from(indices, (i) => array.data[i]!) });
    const mask = this.#from.masks.get(name);
    if (mask)
      this.masks.set(
        name,
        Uint8Array.from(indices, (i) => mask[i]!),
      );
  }
}

/** The places that stay, by axis; all where there is none. */
type Axes = readonly (readonly number[] | undefined)[];

/** Row-major indices of all values whose places are among those kept. */
export function indicesOf(shape: readonly number[], axes: Axes): Uint32Array {
  let indices = Uint32Array.of(0);
  for (const [axis, length] of shape.entries()) {
    const places = axes[axis] ?? Array.from({ length }, (_, place) => place);
    const next = new Uint32Array(indices.length * places.length);
    indices.forEach((index, i) => {
      places.forEach((place, j) => {
        next[i * places.length + j] = index * length + place;
      });
    });
    indices = next;
  }
  return sizeOf(shape) === 0 ? new Uint32Array() : indices;
}
