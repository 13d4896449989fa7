/**
 * Shapes as signed distances: negative inside, 0 on the edge, in units of the shape's radius, with `x` to the right
 * and `y` down from its centre. Only arithmetic that IEEE 754 rounds exactly, so every machine draws the same bits.
 */
export type Shape = (x: number, y: number) => number;

const triangleSlope = Math.sqrt(3);

export const disc: Shape = (x, y) => Math.sqrt(x * x + y * y) - 1;

/** A square with rounded corners. */
export const square: Shape = (x, y) => {
  const [dx, dy] = [Math.abs(x) - 0.7, Math.abs(y) - 0.7];
  const [ox, oy] = [Math.max(dx, 0), Math.max(dy, 0)];
  return Math.sqrt(ox * ox + oy * oy) + Math.min(Math.max(dx, dy), 0) - 0.15;
};

/** An equilateral triangle, one corner up, with rounded corners. */
export const triangle: Shape = (x, y) => {
  const side = (triangleSlope * Math.abs(x) - (y + 1.05)) / 2;
  const base = y - 0.6;
  const corner = side > 0 && base > 0 ? Math.sqrt(side * side + base * base) : Math.max(side, base);
  return corner - 0.08;
};

/** A plus sign. */
export const cross: Shape = (x, y) => {
  const [ax, ay] = [Math.abs(x), Math.abs(y)];
  const [long, short] = ax > ay ? [ax, ay] : [ay, ax];
  return Math.max(long - 0.98, short - 0.36);
};

export const ring: Shape = (x, y) => Math.abs(Math.sqrt(x * x + y * y) - 0.72) - 0.28;
