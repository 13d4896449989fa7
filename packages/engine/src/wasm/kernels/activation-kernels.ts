import {
  type Expression,
  exponential,
  type FunctionBody,
  type FunctionDefinition,
  four,
  hyperbolicTangent,
  normalShare,
  sigmoid,
} from '@espalier/simd';

type Vector = Expression<'v128'>;
const { add, multiply, divide, largest, smallest, greater, both, choose, keep, constant } = four;
const { absolute, negate, zero, load, store } = four;

/** A function of one number and `dy` times its derivative; `numbers` are its options, in the order of `optionsOf`. */
interface Curve {
  f(body: FunctionBody, x: Vector, numbers: readonly Vector[]): Vector;
  gradient(body: FunctionBody, dy: Vector, x: Vector, numbers: readonly Vector[]): Vector;
}

const curves = {
  clip: {
    f: (_, x, [least, most]) => smallest(largest(x, least!), most!),
    gradient: (_, dy, x, [least, most]) => keep(both(greater(x, least!), greater(most!, x)), dy),
  },
  sigmoid: {
    f: (body, x) => sigmoid(body, four, x),
    gradient: (body, dy, x) => multiply(dy, sigmoidSlope(body, x)),
  },
  'hard-sigmoid': {
    f: (_, x, [slope, offset]) => unit(add(multiply(slope!, x), offset!)),
    gradient: (body, dy, x, [slope, offset]) => {
      const line = body.local(add(multiply(slope!, x), offset!));
      return keep(both(greater(line, zero()), greater(constant(1), line)), multiply(dy, slope!));
    },
  },
  'hard-swish': {
    f: (_, x) => multiply(x, unit(add(multiply(x, constant(1 / 6)), constant(1 / 2)))),
    gradient: (_, dy, x) => {
      const inside = multiply(dy, add(multiply(x, constant(1 / 3)), constant(1 / 2)));
      return keep(greater(x, constant(-3)), choose(greater(constant(3), x), inside, dy));
    },
  },
  silu: {
    f: (body, x) => multiply(x, sigmoid(body, four, x)),
    gradient: (body, dy, x) => {
      const slope = body.local(sigmoidSlope(body, x));
      return multiply(dy, add(sigmoid(body, four, x), multiply(x, slope)));
    },
  },
  'gelu-none': {
    f: (body, x) => multiply(x, normalShare(body, four, x)),
    gradient: (body, dy, x) => {
      const density = exponential(body, four, multiply(multiply(x, x), constant(-1 / 2)));
      const along = body.local(multiply(multiply(x, constant(1 / Math.sqrt(2 * Math.PI))), density));
      return multiply(dy, add(normalShare(body, four, x), along));
    },
  },
  'gelu-tanh': {
    f: (body, x) => multiply(x, sigmoid(body, four, twiceInner(x))),
    gradient: (body, dy, x) => {
      const inner = body.local(twiceInner(x));
      const slope = body.local(multiply(sigmoidSlope(body, inner), twiceInnerSlope(x)));
      return multiply(dy, add(sigmoid(body, four, inner), multiply(x, slope)));
    },
  },
  tanh: {
    f: (body, x) => hyperbolicTangent(body, four, x),
    gradient: (body, dy, x) => multiply(dy, multiply(constant(4), sigmoidSlope(body, add(x, x)))),
  },
} satisfies Record<string, Curve>;

export type CurveName = keyof typeof curves;

/** `<name>(x, y, numbers, vectors)` and `<name>Gradient(dy, x, dx, numbers, vectors)`; the numbers lie in memory one after the other. */
export const activationKernels = Object.fromEntries(
  Object.entries<Curve>(curves).flatMap(([name, curve]) => [
    [name, forward(curve)],
    [`${name}Gradient`, backward(curve)],
  ]),
) as Record<CurveName | `${CurveName}Gradient`, FunctionDefinition>; // the entries are the names

function forward({ f }: Curve): FunctionDefinition {
  return (body) => {
    const at = body.integers('x', 'y', 'numbers', 'vectors');
    const numbers = [0, 4].map((offset) => body.local(four.splat(at.numbers, offset)));
    const x = body.local(zero());
    body.repeat(at.vectors, () => {
      body.set(x, load(at.x));
      store(body, at.y, f(body, x, numbers));
      for (const address of [at.x, at.y]) body.advance(address, 16);
    });
  };
}

function backward({ gradient }: Curve): FunctionDefinition {
  return (body) => {
    const at = body.integers('dy', 'x', 'dx', 'numbers', 'vectors');
    const numbers = [0, 4].map((offset) => body.local(four.splat(at.numbers, offset)));
    const [dy, x] = [body.local(zero()), body.local(zero())];
    body.repeat(at.vectors, () => {
      body.set(dy, load(at.dy));
      body.set(x, load(at.x));
      store(body, at.dx, gradient(body, dy, x, numbers));
      for (const address of [at.dy, at.x, at.dx]) body.advance(address, 16);
    });
  };
}

function unit(x: Vector): Vector {
  return smallest(largest(x, zero()), constant(1));
}

/** The derivative of sigmoid, which is even: e / (1 + e)^2, where e = e^-|x|, keeps its digits where it is small. */
function sigmoidSlope(body: FunctionBody, x: Vector): Vector {
  const power = body.local(exponential(body, four, negate(absolute(x))));
  const sum = body.local(add(constant(1), power));
  return divide(power, multiply(sum, sum));
}

const twice = 2 * Math.sqrt(2 / Math.PI);

/** 2 sqrt(2 / pi) (x + 0.044715 x^3) */
function twiceInner(x: Vector): Vector {
  return multiply(x, add(multiply(multiply(x, x), constant(0.044715 * twice)), constant(twice)));
}

function twiceInnerSlope(x: Vector): Vector {
  return add(multiply(multiply(x, x), constant(3 * 0.044715 * twice)), constant(twice));
}
