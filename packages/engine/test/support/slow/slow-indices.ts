/** Every index of `shape`, row-major, as one number for each axis. */
export function* indicesOf(shape: readonly number[]): Generator<readonly number[]> {
  const [length, ...rest] = shape;
  if (length === undefined) yield [];
  else for (let i = 0; i < length; i++) for (const inner of indicesOf(rest)) yield [i, ...inner];
}

/** Where the value at `index` lies in a row-major array of `shape`; an axis of length 1 is met at every index. */
export function placeOf(shape: readonly number[], index: readonly number[]): number {
  return shape.reduce((place, length, axis) => place * length + (length === 1 ? 0 : index[axis]!), 0);
}
