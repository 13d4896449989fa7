import {
  type Expression,
  exponential,
  type FunctionBody,
  type FunctionDefinition,
  four,
  i32,
  type Lanes,
  type Local,
  lane,
  one,
  spread,
} from '@espalier/simd';

/**
 * Kernels along rows of `vectors * 4 + rest` values: groups of four, then the rest one by one. Parameters and statistics that are
 * not of the row's length have one value for each row. Sums are float64 in memory, `doublesOfRow` for each row: four for the lanes
 * of the groups, one for the rest.
 */
export const rowKernels = {
  softmax,
  softmaxGradient,
  rowSums,
  rowSquares,
  normaliseRows,
  rowMoments,
  normaliseRowsGradient,
  rowUnits,
} satisfies Record<string, FunctionDefinition>;

export const doublesOfRow = 8;
const bytesOfRow = 8 * doublesOfRow;
const restOfSums = 32;

type Float = 'f32' | 'v128';
type Double = 'f64' | 'v128';

/** A local for the groups and one for the rest. */
interface Pair {
  readonly v128: Local<'v128'>;
  readonly f32: Local<'f32'>;
}

function pair(body: FunctionBody, initial: number): Pair {
  return { v128: body.local(four.constant(initial)), f32: body.local(one.constant(initial)) };
}

interface Row {
  readonly vectors: Local<'i32'>;
  readonly rest: Local<'i32'>;
  /** Addresses that follow the values. */
  readonly moving: readonly Local<'i32'>[];
}

/** What is computed at each step, for any lanes; `own` picks the local that belongs to them. */
type Step = <F extends Float, D extends Double>(lanes: Lanes<F, D>, own: (of: Pair) => Local<F>) => void;

function eachValue(body: FunctionBody, { vectors, rest, moving }: Row, step: Step): void {
  body.repeat(vectors, () => {
    step(four, (of) => of.v128);
    for (const address of moving) body.advance(address, 16);
  });
  body.repeat(rest, () => {
    step(one, (of) => of.f32);
    for (const address of moving) body.advance(address, 4);
  });
}

/** y = exp(x - max) / sum */
function softmax(body: FunctionBody): void {
  const { x, y, rows, vectors, rest } = body.integers('x', 'y', 'rows', 'vectors', 'rest');
  const [from, to] = [body.local(x), body.local(y)];
  const most = pair(body, Number.NEGATIVE_INFINITY);
  const sum = pair(body, 0);
  body.repeat(rows, () => {
    fill(body, most, one.constant(Number.NEGATIVE_INFINITY));
    fill(body, sum, one.zero());
    body.set(from, x);
    eachValue(body, { vectors, rest, moving: [from] }, (lanes, own) => {
      body.set(own(most), lanes.largest(own(most), lanes.load(from)));
    });
    fill(body, most, reduced(most, one.largest));
    body.set(to, y);
    eachValue(body, { vectors, rest, moving: [x, to] }, (lanes, own) => {
      const power = body.local(exponential(body, lanes, lanes.subtract(lanes.load(x), own(most))));
      body.set(own(sum), lanes.add(own(sum), power));
      lanes.store(body, to, power);
    });
    fill(body, sum, reduced(sum, one.add));
    eachValue(body, { vectors, rest, moving: [y] }, (lanes, own) => {
      lanes.store(body, y, lanes.divide(lanes.load(y), own(sum)));
    });
  });
}

/** dx = y (dy - sum(dy y)) */
function softmaxGradient(body: FunctionBody): void {
  const { dy, y, dx, rows, vectors, rest } = body.integers('dy', 'y', 'dx', 'rows', 'vectors', 'rest');
  const [upstream, share] = [body.local(dy), body.local(y)];
  const sum = pair(body, 0);
  body.repeat(rows, () => {
    fill(body, sum, one.zero());
    body.set(upstream, dy);
    body.set(share, y);
    eachValue(body, { vectors, rest, moving: [upstream, share] }, (lanes, own) => {
      body.set(own(sum), lanes.add(own(sum), lanes.multiply(lanes.load(upstream), lanes.load(share))));
    });
    fill(body, sum, reduced(sum, one.add));
    eachValue(body, { vectors, rest, moving: [dy, y, dx] }, (lanes, own) => {
      lanes.store(body, dx, lanes.multiply(lanes.load(y), lanes.subtract(lanes.load(dy), own(sum))));
    });
  });
}

/** sums += x */
function rowSums(body: FunctionBody): void {
  const { x, sums, rows, vectors, rest } = body.integers('x', 'sums', 'rows', 'vectors', 'rest');
  const value = pair(body, 0);
  body.repeat(rows, () => {
    eachValue(body, { vectors, rest, moving: [x] }, (lanes, own) => {
      body.set(own(value), lanes.load(x));
      lanes.accumulate(body, sumsOf(lanes, sums), lanes.widen(own(value)));
    });
    body.advance(sums, bytesOfRow);
  });
}

/** sums += (x - mean)^2 */
function rowSquares(body: FunctionBody): void {
  const { x, means, sums, rows, vectors, rest } = body.integers('x', 'means', 'sums', 'rows', 'vectors', 'rest');
  const value = pair(body, 0);
  body.repeat(rows, () => {
    eachValue(body, { vectors, rest, moving: [x] }, (lanes, own) => {
      body.set(own(value), lanes.subtract(lanes.load(x), lanes.splat(means)));
      const doubles = lanes.widen(own(value));
      lanes.accumulate(
        body,
        sumsOf(lanes, sums),
        doubles.map((double) => lanes.multiplyDoubles(double, double)),
      );
    });
    body.advance(means, 4);
    body.advance(sums, bytesOfRow);
  });
}

/** y = (x - mean) inverse scale + shift */
function normaliseRows(body: FunctionBody): void {
  const at = body.integers('x', 'means', 'inverses', 'scales', 'shifts', 'y', 'rows', 'vectors', 'rest');
  const [scale, shift] = [body.local(at.scales), body.local(at.shifts)];
  body.repeat(at.rows, () => {
    body.set(scale, at.scales);
    body.set(shift, at.shifts);
    eachValue(body, { ...at, moving: [at.x, at.y, scale, shift] }, (lanes) => {
      const unit = lanes.multiply(lanes.subtract(lanes.load(at.x), lanes.splat(at.means)), lanes.splat(at.inverses));
      lanes.store(body, at.y, lanes.add(lanes.multiply(unit, lanes.load(scale)), lanes.load(shift)));
    });
    for (const address of [at.means, at.inverses]) body.advance(address, 4);
  });
}

/** sums += dy scale; products += dy scale (x - mean) */
function rowMoments(body: FunctionBody): void {
  const at = body.integers('dy', 'x', 'scales', 'means', 'sums', 'products', 'rows', 'vectors', 'rest');
  const scale = body.local(at.scales);
  const [scaled, centred] = [pair(body, 0), pair(body, 0)];
  body.repeat(at.rows, () => {
    body.set(scale, at.scales);
    eachValue(body, { ...at, moving: [at.dy, at.x, scale] }, (lanes, own) => {
      body.set(own(scaled), lanes.multiply(lanes.load(at.dy), lanes.load(scale)));
      body.set(own(centred), lanes.subtract(lanes.load(at.x), lanes.splat(at.means)));
      const [doubles, others] = [lanes.widen(own(scaled)), lanes.widen(own(centred))];
      lanes.accumulate(body, sumsOf(lanes, at.sums), doubles);
      lanes.accumulate(
        body,
        sumsOf(lanes, at.products),
        doubles.map((double, i) => lanes.multiplyDoubles(double, others[i]!)),
      );
    });
    body.advance(at.means, 4);
    for (const address of [at.sums, at.products]) body.advance(address, bytesOfRow);
  });
}

/** dx = dy scale inverse + (x - mean) slope + offset */
function normaliseRowsGradient(body: FunctionBody): void {
  const at = body.integers(
    'dy',
    'x',
    'scales',
    'means',
    'inverses',
    'slopes',
    'offsets',
    'dx',
    'rows',
    'vectors',
    'rest',
  );
  const scale = body.local(at.scales);
  body.repeat(at.rows, () => {
    body.set(scale, at.scales);
    eachValue(body, { ...at, moving: [at.dy, at.x, at.dx, scale] }, (lanes) => {
      const own = lanes.multiply(lanes.multiply(lanes.load(at.dy), lanes.load(scale)), lanes.splat(at.inverses));
      const centred = lanes.subtract(lanes.load(at.x), lanes.splat(at.means));
      const line = lanes.add(lanes.multiply(centred, lanes.splat(at.slopes)), lanes.splat(at.offsets));
      lanes.store(body, at.dx, lanes.add(own, line));
    });
    for (const address of [at.means, at.inverses, at.slopes, at.offsets]) body.advance(address, 4);
  });
}

/** unit = dy (x - mean) inverse */
function rowUnits(body: FunctionBody): void {
  const at = body.integers('dy', 'x', 'means', 'inverses', 'units', 'rows', 'vectors', 'rest');
  body.repeat(at.rows, () => {
    eachValue(body, { ...at, moving: [at.dy, at.x, at.units] }, (lanes) => {
      const centred = lanes.subtract(lanes.load(at.x), lanes.splat(at.means));
      lanes.store(body, at.units, lanes.multiply(lanes.load(at.dy), lanes.multiply(centred, lanes.splat(at.inverses))));
    });
    for (const address of [at.means, at.inverses]) body.advance(address, 4);
  });
}

function fill(body: FunctionBody, { v128, f32 }: Pair, value: Expression<'f32'>): void {
  body.set(f32, value);
  body.set(v128, spread(f32));
}

/** Both locals' values combined to one. */
function reduced(
  { v128, f32 }: Pair,
  combine: (a: Expression<'f32'>, b: Expression<'f32'>) => Expression<'f32'>,
): Expression<'f32'> {
  const halves = combine(combine(lane(v128, 0), lane(v128, 1)), combine(lane(v128, 2), lane(v128, 3)));
  return combine(halves, f32);
}

function sumsOf({ count }: { readonly count: 4 | 1 }, sums: Local<'i32'>): Expression<'i32'> {
  return count === 4 ? sums : i32.add(sums, i32.constant(restOfSums));
}
