import {
  type Expression,
  expression,
  type FunctionBody,
  type FunctionDefinition,
  four,
  i32,
  type Local,
  memoryArgument,
  pair,
} from '@espalier/simd';
import type { HoleLayout } from './hole-layout.ts';

type Vector = Expression<'v128'>;
type Address = Local<'i32'>;
const { add, subtract, multiply, load, store, splat, zero } = four;

// Bytes from a pixel to the next, and from the coefficients of a pixel to each of them.
const pixel = 16;
const [pivot, inverse, degree, correction] = [0, 4, 8, 12];

/** Each takes the number of runs. What they read and write: {@link HoleLayout}. */
export type HoleKernels = Readonly<Record<keyof ReturnType<typeof holeKernels>, (runCount: number) => void>>;

/**
 * The inner loops of the solver in WebAssembly: four float32 lanes per pixel, sums in float64.
 *
 * A substitution needs its own last result and three results of the row that it did before. They are carried from pixel
 * to pixel, so that each is loaded once. Letters: see `HoleSystem`; arrays: {@link HoleLayout}.
 */
export function holeKernels(layout: HoleLayout) {
  return {
    findResidual: findResidual(layout),
    substituteBackward: substituteBackward(layout),
    substituteForward: substituteForward(layout),
    applyChange: applyChange(layout),
  } satisfies Record<string, FunctionDefinition>;
}

/** residual = E^-1 (weighted sum of all neighbours - D_A values), the sum in float64; energies; change = 0. */
function findResidual(layout: HoleLayout): FunctionDefinition {
  const { values, change, residual, coefficients, row, runs, energies } = layout;
  return (body) => {
    const runCount = body.parameter('i32');
    const place = body.local(i32.constant(0));
    const halves = [body.local(zero()), body.local(zero())] as const;
    const energy = doubleSums(body);
    const earlier = carried(body, residual, -pixel, -row);
    eachRun(body, { runs, runCount, order: 'rising' }, earlier.begin, (at) => {
      body.set(place, i32.add(at, at)); // values have twice the bytes of the other arrays
      for (const [i, half] of halves.entries()) {
        const value = (offset: number) => load(place, values + 2 * offset + 16 * i);
        const corners = (offset: number) => pair.add(value(offset - pixel), value(offset + pixel));
        body.set(half, pair.add(corners(0), pair.add(value(-row), value(row))));
        body.set(half, pair.add(pair.add(half, half), pair.add(corners(-row), corners(row))));
        const weight = pair.splat(at, coefficients + degree);
        body.set(half, pair.subtract(half, pair.multiply(weight, value(0))));
      }
      earlier.substitute(at, pair.narrow(halves), splat(at, coefficients + inverse));
      energy.add(multiply(multiply(splat(at, coefficients + pivot), earlier.result), earlier.result));
      store(body, at, zero(), change);
    });
    energy.write(energies);
  };
}

/**
 * Takes the last step and turns the direction: change += step direction; residual -= step (direction + product);
 * scaled = D residual + turn scaled. Then direction = F^-1 scaled; energies.
 */
function substituteBackward(layout: HoleLayout): FunctionDefinition {
  const { change, residual, scaled, direction, product, coefficients, row, runs, steps, turns, energies } = layout;
  return (body) => {
    const runCount = body.parameter('i32');
    const step = body.local(load(i32.constant(steps)));
    const turn = body.local(load(i32.constant(turns)));
    const last = body.local(zero());
    const left = body.local(zero());
    const balanced = body.local(zero());
    const energy = doubleSums(body);
    const later = carried(body, direction, pixel, row);
    eachRun(body, { runs, runCount, order: 'falling' }, later.begin, (at) => {
      body.set(last, load(at, direction));
      store(body, at, add(load(at, change), multiply(step, last)), change);
      body.set(left, subtract(load(at, residual), multiply(step, add(last, load(at, product)))));
      store(body, at, left, residual);
      body.set(balanced, multiply(splat(at, coefficients + pivot), left));
      energy.add(multiply(balanced, left));
      body.set(balanced, add(balanced, multiply(turn, load(at, scaled))));
      store(body, at, balanced, scaled);
      later.substitute(at, balanced, splat(at, coefficients + inverse));
    });
    energy.write(energies);
  };
}

/** product = E^-1 (scaled - (2D - D_A) direction); curvatures and norms. */
function substituteForward(layout: HoleLayout): FunctionDefinition {
  const { scaled, direction, product, coefficients, row, runs, curvatures, norms } = layout;
  return (body) => {
    const runCount = body.parameter('i32');
    const image = body.local(zero());
    const towards = body.local(zero());
    const all = body.local(zero());
    const curvature = doubleSums(body);
    const norm = doubleSums(body);
    const earlier = carried(body, product, -pixel, -row);
    eachRun(body, { runs, runCount, order: 'rising' }, earlier.begin, (at) => {
      body.set(image, load(at, scaled));
      body.set(towards, load(at, direction));
      const right = subtract(image, multiply(splat(at, coefficients + correction), towards));
      earlier.substitute(at, right, splat(at, coefficients + inverse));
      body.set(all, add(towards, earlier.result));
      curvature.add(multiply(image, all));
      norm.add(multiply(multiply(splat(at, coefficients + pivot), all), all));
    });
    curvature.write(curvatures);
    norm.write(norms);
  };
}

/** values += change + step direction. */
function applyChange({ values, change, direction, steps, runs }: HoleLayout): FunctionDefinition {
  return (body) => {
    const runCount = body.parameter('i32');
    const step = body.local(load(i32.constant(steps)));
    const place = body.local(i32.constant(0));
    const all = body.local(zero());
    const begin = () => {};
    eachRun(body, { runs, runCount, order: 'rising' }, begin, (at) => {
      body.set(place, i32.add(at, at));
      body.set(all, add(load(at, change), multiply(step, load(at, direction))));
      for (const [i, half] of four.widen(all).entries()) {
        store(body, place, pair.add(load(place, values + 16 * i), half), values + 16 * i);
      }
    });
  };
}

/**
 * A substitution in `array`: result = (right + 2 beside + 2 across + the two corners) / D, where `beside` is the result of the
 * pixel at `toBeside` bytes and the other three lie in the row at `toRow`.
 */
function carried(body: FunctionBody, array: number, toBeside: number, toRow: number) {
  const result = body.local(zero());
  const nearCorner = body.local(zero());
  const across = body.local(zero());
  const farCorner = body.local(zero());
  const scale = body.local(zero());
  return {
    result,
    begin(at: Address) {
      body.set(result, load(at, array + toBeside));
      body.set(nearCorner, load(at, array + toRow + toBeside));
      body.set(across, load(at, array + toRow));
    },
    substitute(at: Address, right: Vector, inverseOfPivot: Vector) {
      body.set(farCorner, load(at, array + toRow - toBeside));
      const known = add(add(right, add(across, across)), add(nearCorner, farCorner));
      body.set(scale, inverseOfPivot);
      // One product and one sum wait for the pixel beside; all else can be computed before it is there.
      body.set(result, add(multiply(known, scale), multiply(result, add(scale, scale))));
      store(body, at, result, array);
      body.set(nearCorner, across);
      body.set(across, farCorner);
    },
  };
}

/** Float64 sums of four float32 lanes. */
function doubleSums(body: FunctionBody) {
  const value = body.local(zero());
  const sums = [body.local(zero()), body.local(zero())] as const;
  return {
    add(values: Vector) {
      body.set(value, values);
      four.widen(value).forEach((half, i) => {
        body.set(sums[i]!, pair.add(sums[i]!, half));
      });
    },
    write(address: number) {
      for (const [i, half] of sums.entries()) store(body, i32.constant(address), half, 16 * i);
    },
  };
}

/** Runs of holes in order, or backwards from the last pixel of the last; `at` is 16 times the entry of a pixel. */
function eachRun(
  body: FunctionBody,
  { runs, runCount, order }: { runs: number; runCount: Local<'i32'>; order: 'rising' | 'falling' },
  begin: (at: Address) => void,
  visit: (at: Address) => void,
): void {
  const run = body.local(i32.constant(runs));
  const at = body.local(i32.constant(0));
  const count = body.local(i32.constant(0));
  const sign = order === 'rising' ? 1 : -1;
  if (order === 'falling') body.set(run, i32.add(i32.constant(runs - 8), shiftLeft(runCount, 3)));
  body.repeat(runCount, () => {
    body.set(at, loadInteger(run, 0));
    body.set(count, loadInteger(run, 4));
    if (order === 'falling') body.advance(at, i32.add(shiftLeft(count, 4), i32.constant(-pixel)));
    begin(at);
    body.repeat(count, () => {
      visit(at);
      body.advance(at, sign * pixel);
    });
    body.advance(run, sign * 8);
  });
}

function loadInteger(address: Address, offset: number): Expression<'i32'> {
  return expression('i32', address, [0x28], memoryArgument(offset));
}

function shiftLeft(value: Expression<'i32'>, bits: number): Expression<'i32'> {
  return expression('i32', value, i32.constant(bits), [0x74]);
}
