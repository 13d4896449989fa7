import type { Shape } from '../layers/shape.ts';
import type { Couplings } from './couplings.ts';
import { collapsed, idAt, type Places, placesBy } from './places.ts';

/** What combines two values number by number, an axis of length 1 repeated. */
interface Combination {
  readonly name: string;
  readonly shape: Shape;
  readonly couplings: Couplings;
}

/**
 * Channels that meet go together. A number that is repeated over several channels, such as one of a map of attention, stays: without any of them
 * it would still be needed.
 */
export function elementwise([a, b]: readonly Places[], { name, shape, couplings }: Combination): Places {
  const sizes = shape.map((_, axis) => Math.max(a!.sizes[axis]!, b!.sizes[axis]!));
  const [aIsRepeated, bIsRepeated] = [isRepeated(a!, b!), isRepeated(b!, a!)];
  placesBy(shape, sizes, (index) => {
    const [one, other] = [idAt(a!, index), idAt(b!, index)];
    if (aIsRepeated || bIsRepeated) {
      if (aIsRepeated) couplings.keep(one, `"${name}" repeats them over other channels`);
      if (bIsRepeated) couplings.keep(other, `"${name}" repeats them over other channels`);
    } else couplings.unite(one, other);
    return one;
  });
  const whole = bIsRepeated || !aIsRepeated ? a! : b!;
  return collapsed(
    placesBy(shape, sizes, (index) => idAt(whole, index)),
    couplings,
  );
}

/** Whether `x` has length 1 on an axis along which `other` has different channels. */
function isRepeated(x: Places, other: Places): boolean {
  return x.shape.some((length, axis) => length === 1 && other.sizes[axis]! > 1);
}
