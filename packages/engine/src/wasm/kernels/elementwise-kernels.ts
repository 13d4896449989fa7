import { type Expression, type FunctionBody, type FunctionDefinition, four, type Local } from '@espalier/simd';
import { adamNames, sgdNames } from '../update-rules.ts';

type Vector = Expression<'v128'>;
const { add, subtract, multiply, divide, squareRoot, absolute, negate, largest } = four;
const { choose, keep, greater, zero, load, store } = four;

/** `(x, output, vectors)` or `(a, b, output, vectors)`: `vectors` counts groups of four; buffers are padded to them. */
export const elementwiseKernels = {
  relu: unary((x) => largest(x, zero())),
  add: binary((a, b) => add(a, b)),
  addRelu: binary((a, b) => largest(add(a, b), zero())),
  multiply: binary((a, b) => multiply(a, b)),
  reluGradient: binary((dy, y) => keep(greater(y, zero()), dy)),
  scale,
  quotient,
  applySgd,
  applyAdam,
} satisfies Record<string, FunctionDefinition>;

function unary(compute: (x: Vector) => Vector): FunctionDefinition {
  return (body) => {
    const { x, output, vectors } = body.integers('x', 'output', 'vectors');
    body.repeat(vectors, () => {
      store(body, output, compute(load(x)));
      for (const address of [x, output]) body.advance(address, 16);
    });
  };
}

/** y = x factor, which lies in memory */
function scale(body: FunctionBody): void {
  const { x, factor, y, vectors } = body.integers('x', 'factor', 'y', 'vectors');
  const number = body.local(four.splat(factor));
  body.repeat(vectors, () => {
    store(body, y, multiply(load(x), number));
    for (const address of [x, y]) body.advance(address, 16);
  });
}

/** y = a / (b + epsilon sign(b)), 0 where that divides by 0; epsilon lies in memory */
function quotient(body: FunctionBody): void {
  const { a, b, epsilon, y, vectors } = body.integers('a', 'b', 'epsilon', 'y', 'vectors');
  const shift = body.local(four.splat(epsilon));
  const divisor = body.local(zero());
  body.repeat(vectors, () => {
    body.set(divisor, load(b));
    body.set(divisor, add(divisor, choose(greater(zero(), divisor), negate(shift), shift)));
    store(body, y, keep(greater(absolute(divisor), zero()), divide(load(a), divisor)));
    for (const address of [a, b, y]) body.advance(address, 16);
  });
}

function binary(compute: (a: Vector, b: Vector) => Vector): FunctionDefinition {
  return (body) => {
    const { a, b, output, vectors } = body.integers('a', 'b', 'output', 'vectors');
    body.repeat(vectors, () => {
      store(body, output, compute(load(a), load(b)));
      for (const address of [a, b, output]) body.advance(address, 16);
    });
  };
}

/** w, v in place: g += decay w; v = momentum v + g; w -= rate (shareOfVelocity v + shareOfGradient g). */
function applySgd(body: FunctionBody): void {
  const { weight, velocity, gradient, numbers, vectors } = body.integers(
    'weight',
    'velocity',
    'gradient',
    'numbers',
    'vectors',
  );
  const rule = loadNumbers(body, numbers, sgdNames);
  const g = body.local(zero());
  const v = body.local(zero());
  body.repeat(vectors, () => {
    body.set(g, add(load(gradient), multiply(rule.decay, load(weight))));
    body.set(v, add(multiply(rule.momentum, load(velocity)), g));
    store(body, velocity, v);
    const step = add(multiply(rule.shareOfVelocity, v), multiply(rule.shareOfGradient, g));
    store(body, weight, subtract(load(weight), multiply(rule.rate, step)));
    for (const address of [weight, velocity, gradient]) body.advance(address, 16);
  });
}

/** w, m, s in place; see `AdamRule`. */
function applyAdam(body: FunctionBody): void {
  const { weight, mean, square, gradient, numbers, vectors } = body.integers(
    'weight',
    'mean',
    'square',
    'gradient',
    'numbers',
    'vectors',
  );
  const rule = loadNumbers(body, numbers, adamNames);
  const g = body.local(zero());
  const m = body.local(zero());
  const s = body.local(zero());
  body.repeat(vectors, () => {
    body.set(g, load(gradient));
    body.set(m, add(multiply(rule.beta1, load(mean)), multiply(rule.newShareOfMean, g)));
    body.set(s, add(multiply(rule.beta2, load(square)), multiply(rule.newShareOfSquare, multiply(g, g))));
    store(body, mean, m);
    store(body, square, s);
    const spread = add(multiply(squareRoot(s), rule.squareCorrection), rule.epsilon);
    const step = divide(multiply(rule.rate, m), spread);
    store(body, weight, subtract(multiply(rule.keptWeight, load(weight)), step));
    for (const address of [weight, mean, square, gradient]) body.advance(address, 16);
  });
}

function loadNumbers<const Names extends readonly string[]>(
  body: FunctionBody,
  numbers: Expression<'i32'>,
  names: Names,
): { readonly [Name in Names[number]]: Local<'v128'> } {
  const entries = names.map((name, i) => [name, body.local(four.splat(numbers, 4 * i))] as const);
  return Object.fromEntries(entries) as { [Name in Names[number]]: Local<'v128'> }; // the entries are the names
}
