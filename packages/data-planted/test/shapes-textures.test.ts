import { concepts } from '@espalier/data-planted';
import { describe, expect, test } from 'vitest';

const byName = new Map(concepts.map((concept) => [concept.name, concept]));
const shapeOf = (name: string) => byName.get(name)!.shape;
const textureOf = (name: string) => byName.get(name)!.look.texture;

test.each([
  ['striped disc', [0, 0], -1],
  ['striped disc', [2, 0], 1],
  ['checked square', [0, 0], -0.85],
  ['checked square', [0, 1.85], 1],
  ['checked square', [0.85, 0], 0],
  ['dotted triangle', [0, -1.21], 0],
  ['dotted triangle', [0, 0.68], 0],
  ['shaded cross', [0.98, 0], 0],
  ['shaded cross', [0.98, 0.98], 0.62],
  ['barred ring', [0, 0], 0.44],
  ['barred ring', [0.72, 0], -0.28],
] as const)('%s at %s is %f from its edge', (name, [x, y], expected) => {
  expect(shapeOf(name)(x, y)).toBeCloseTo(expected, 12);
});

describe.each(concepts)('$name', ({ shape, look, reach }) => {
  const grid = Array.from({ length: 31 * 31 }, (_, i) => [(i % 31) / 10 - 1.5, Math.floor(i / 31) / 10 - 1.5] as const);

  test('is its own mirror image', () => {
    for (const [x, y] of grid) expect(shape(-x, y)).toBeCloseTo(shape(x, y), 12);
  });

  test('never says that the edge is farther than it is', () => {
    for (const [x, y] of grid) {
      const [a, b] = [shape(x, y), shape(x + 0.06, y + 0.08)];
      expect(Math.abs(a - b)).toBeLessThanOrEqual(0.1 + 1e-9); // a distance changes by at most the step
    }
  });

  test('reaches as far as it says, and no farther', () => {
    const circle = Array.from({ length: 720 }, (_, i) => [
      Math.cos((Math.PI * i) / 360),
      Math.sin((Math.PI * i) / 360),
    ]);
    const nearest = (radius: number) => Math.min(...circle.map(([x, y]) => shape(radius * x!, radius * y!)));
    expect(nearest(reach + 1e-9)).toBeGreaterThan(0);
    expect(nearest(reach - 0.02)).toBeLessThan(0);
  });

  test('has shares of the accent colour from 0 to 1, and both colours', () => {
    const shares = grid.map(([x, y]) => look.texture(x, y, 0.02));
    expect(Math.min(...shares)).toBeCloseTo(0, 1);
    expect(Math.max(...shares)).toBeCloseTo(1, 1);
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
  });
});

test('stripes repeat every 0.7 of the radius; half of them is base colour', () => {
  const stripes = textureOf('striped disc');
  for (const y of [-0.9, -0.3, 0.1, 0.5]) expect(stripes(0.2, y + 0.7, 0.1)).toBeCloseTo(stripes(0, y, 0.1), 12);
  expect(stripes(0, 0, 0.01)).toBe(0);
  expect(stripes(0, 0.35, 0.01)).toBe(1);
});

test('a pattern finer than a pixel fades to a mean', () => {
  const dots = textureOf('dotted triangle');
  const shares = Array.from({ length: 100 }, (_, i) => dots((i % 10) / 10, Math.floor(i / 10) / 10, 20));
  expect(Math.max(...shares) - Math.min(...shares)).toBeLessThan(0.05);
});
