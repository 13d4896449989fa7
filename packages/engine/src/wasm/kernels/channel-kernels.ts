import { type FunctionBody, type FunctionDefinition, four, type Lanes, type Local, one } from '@espalier/simd';

/**
 * Kernels over `[rows, channels]`, row-major. `groups` counts groups of lanes in a row: channels / 4 for the kernels
 * whose names end in 4, channels for those that end in 1. Sums are float64 in memory, one for each channel.
 */
export const channelKernels = {
  channelSums4: channelSums(four),
  channelSums1: channelSums(one),
  channelMoments4: channelMoments(four),
  channelMoments1: channelMoments(one),
  gradientMoments4: gradientMoments(four),
  gradientMoments1: gradientMoments(one),
  normalise4: normalise(four),
  normalise1: normalise(one),
  normaliseGradient4: normaliseGradient(four),
  normaliseGradient1: normaliseGradient(one),
  addBias4: addBias(four),
  addBias1: addBias(one),
} satisfies Record<string, FunctionDefinition>;

type Float = 'f32' | 'v128';
type Double = 'f64' | 'v128';

/** sums += x */
function channelSums<F extends Float, D extends Double>(lanes: Lanes<F, D>): FunctionDefinition {
  return (body) => {
    const { x, sums, rows, groups } = body.integers('x', 'sums', 'rows', 'groups');
    const value = body.local(lanes.zero());
    const sum = body.local(sums);
    eachRow(body, lanes, { rows, groups, addresses: [x], begin: () => body.set(sum, sums) }, () => {
      body.set(value, lanes.load(x));
      lanes.accumulate(body, sum, lanes.widen(value));
      body.advance(sum, 8 * lanes.count);
    });
  };
}

/** sums += x; squares += x^2: exact products, so the variance does not suffer from a large mean. */
function channelMoments<F extends Float, D extends Double>(lanes: Lanes<F, D>): FunctionDefinition {
  return (body) => {
    const { x, sums, squares, rows, groups } = body.integers('x', 'sums', 'squares', 'rows', 'groups');
    const value = body.local(lanes.zero());
    const sum = body.local(sums);
    const square = body.local(squares);
    const begin = () => {
      body.set(sum, sums);
      body.set(square, squares);
    };
    eachRow(body, lanes, { rows, groups, addresses: [x], begin }, () => {
      body.set(value, lanes.load(x));
      lanes.accumulate(body, sum, lanes.widen(value));
      lanes.accumulate(
        body,
        square,
        lanes.widen(value).map((double) => lanes.multiplyDoubles(double, double)),
      );
      for (const address of [sum, square]) body.advance(address, 8 * lanes.count);
    });
  };
}

/** sums += dy; products += dy (x - mean) */
function gradientMoments<F extends Float, D extends Double>(lanes: Lanes<F, D>): FunctionDefinition {
  return (body) => {
    const { dy, x, means, sums, products, rows, groups } = body.integers(
      'dy',
      'x',
      'means',
      'sums',
      'products',
      'rows',
      'groups',
    );
    const value = body.local(lanes.zero());
    const centred = body.local(lanes.zero());
    const mean = body.local(means);
    const sum = body.local(sums);
    const product = body.local(products);
    const begin = () => {
      body.set(mean, means);
      body.set(sum, sums);
      body.set(product, products);
    };
    eachRow(body, lanes, { rows, groups, addresses: [dy, x], begin }, () => {
      body.set(value, lanes.load(dy));
      body.set(centred, lanes.subtract(lanes.load(x), lanes.load(mean)));
      lanes.accumulate(body, sum, lanes.widen(value));
      const centredDoubles = lanes.widen(centred);
      const doubles = lanes.widen(value);
      lanes.accumulate(
        body,
        product,
        doubles.map((double, i) => lanes.multiplyDoubles(double, centredDoubles[i]!)),
      );
      body.advance(mean, 4 * lanes.count);
      for (const address of [sum, product]) body.advance(address, 8 * lanes.count);
    });
  };
}

/** y = (x - mean) factor + shift */
function normalise<F extends Float>(lanes: Lanes<F>): FunctionDefinition {
  return (body) => {
    const { x, means, factors, shifts, y, rows, groups } = body.integers(
      'x',
      'means',
      'factors',
      'shifts',
      'y',
      'rows',
      'groups',
    );
    const [mean, factor, shift] = [body.local(means), body.local(factors), body.local(shifts)];
    const begin = () => {
      body.set(mean, means);
      body.set(factor, factors);
      body.set(shift, shifts);
    };
    eachRow(body, lanes, { rows, groups, addresses: [x, y], begin }, () => {
      const centred = lanes.subtract(lanes.load(x), lanes.load(mean));
      lanes.store(body, y, lanes.add(lanes.multiply(centred, lanes.load(factor)), lanes.load(shift)));
      for (const address of [mean, factor, shift]) body.advance(address, 4 * lanes.count);
    });
  };
}

/** dx = dy factor + (x - mean) slope + offset */
function normaliseGradient<F extends Float>(lanes: Lanes<F>): FunctionDefinition {
  return (body) => {
    const { dy, x, means, factors, slopes, offsets, dx, rows, groups } = body.integers(
      'dy',
      'x',
      'means',
      'factors',
      'slopes',
      'offsets',
      'dx',
      'rows',
      'groups',
    );
    const [mean, factor] = [body.local(means), body.local(factors)];
    const [slope, offset] = [body.local(slopes), body.local(offsets)];
    const begin = () => {
      body.set(mean, means);
      body.set(factor, factors);
      body.set(slope, slopes);
      body.set(offset, offsets);
    };
    eachRow(body, lanes, { rows, groups, addresses: [dy, x, dx], begin }, () => {
      const centred = lanes.subtract(lanes.load(x), lanes.load(mean));
      const line = lanes.add(lanes.multiply(centred, lanes.load(slope)), lanes.load(offset));
      lanes.store(body, dx, lanes.add(lanes.multiply(lanes.load(dy), lanes.load(factor)), line));
      for (const address of [mean, factor, slope, offset]) body.advance(address, 4 * lanes.count);
    });
  };
}

/** y = x + bias */
function addBias<F extends Float>(lanes: Lanes<F>): FunctionDefinition {
  return (body) => {
    const { x, biases, y, rows, groups } = body.integers('x', 'biases', 'y', 'rows', 'groups');
    const bias = body.local(biases);
    eachRow(body, lanes, { rows, groups, addresses: [x, y], begin: () => body.set(bias, biases) }, () => {
      lanes.store(body, y, lanes.add(lanes.load(x), lanes.load(bias)));
      body.advance(bias, 4 * lanes.count);
    });
  };
}

interface RowLoop {
  readonly rows: Local<'i32'>;
  readonly groups: Local<'i32'>;
  /** Addresses that move through `[rows, channels]`. */
  readonly addresses: readonly Local<'i32'>[];
  /** Sets the addresses that start again in every row. */
  readonly begin: () => void;
}

function eachRow(body: FunctionBody, { count }: Lanes, loop: RowLoop, compute: () => void): void {
  body.repeat(loop.rows, () => {
    loop.begin();
    body.repeat(loop.groups, () => {
      compute();
      for (const address of loop.addresses) body.advance(address, 4 * count);
    });
  });
}
