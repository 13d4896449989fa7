import type { Activation, Tensor } from '../ops.ts';
import { expectShape } from '../shapes/expect-shape.ts';
import { Arithmetic } from './arithmetic.ts';
import { exactly, rounded } from './elementwise.ts';
import type { NativeTensor, Runtime } from './runtime.ts';

/** A function and `dy` times its derivative; both may leave temporaries in the open scope. */
interface Curve {
  f(x: NativeTensor): NativeTensor;
  gradient(dy: NativeTensor, x: NativeTensor): NativeTensor;
}

/** `Ops.activate`. What takes several ops is computed in float32 and rounded once. */
export function activate(runtime: Runtime, x: Tensor, f: Activation): NativeTensor {
  return runtime.scopes.run((keep) => {
    const y = curveOf(new Arithmetic(runtime), f).f(exactly(runtime, x));
    return keep(rounded(runtime, y, x.dtype));
  });
}

/** `Ops.activateGradient`. */
export function activateGradient(runtime: Runtime, dy: Tensor, x: Tensor, f: Activation): NativeTensor {
  expectShape(dy.shape, x.shape);
  return runtime.scopes.run((keep) => {
    const dx = curveOf(new Arithmetic(runtime), f).gradient(exactly(runtime, dy), exactly(runtime, x));
    return keep(rounded(runtime, dx, x.dtype));
  });
}

function curveOf(arithmetic: Arithmetic, activation: Activation): Curve {
  switch (activation.kind) {
    case 'clip':
      return clip(arithmetic, activation.least, activation.most);
    case 'sigmoid':
      return sigmoid(arithmetic);
    case 'hard-sigmoid':
      return hardSigmoid(arithmetic, activation.slope, activation.offset);
    case 'hard-swish':
      return hardSwish(arithmetic);
    case 'silu':
      return silu(arithmetic);
    case 'gelu':
      return activation.approximation === 'tanh' ? geluByTanh(arithmetic) : gelu(arithmetic);
    case 'tanh':
      return tanh(arithmetic);
  }
}

function clip(a: Arithmetic, least: number, most: number): Curve {
  if (least === 0 && most === 6)
    return { f: (x) => a.unary('Relu6', x), gradient: (dy, x) => a.gradient('Relu6', dy, x) };
  if (least === 0 && most === Infinity) {
    return { f: (x) => a.unary('Relu', x), gradient: (dy, x) => a.gradient('Relu', dy, x) };
  }
  return { f: (x) => a.clip(x, least, most), gradient: (dy, x) => a.where(a.isBetween(x, least, most), dy, 0) };
}

function sigmoid(a: Arithmetic): Curve {
  const f = (x: NativeTensor) => a.unary('Sigmoid', x);
  return { f, gradient: (dy, x) => a.gradient('Sigmoid', f(x), dy) };
}

function tanh(a: Arithmetic): Curve {
  const f = (x: NativeTensor) => a.unary('Tanh', x);
  return { f, gradient: (dy, x) => a.gradient('Tanh', f(x), dy) };
}

function hardSigmoid(a: Arithmetic, slope: number, offset: number): Curve {
  const line = (x: NativeTensor) => a.add(a.multiply(x, slope), offset);
  return {
    f: (x) => a.clip(line(x), 0, 1),
    gradient: (dy, x) => a.where(a.isBetween(line(x), 0, 1), a.multiply(dy, slope), 0),
  };
}

function hardSwish(a: Arithmetic): Curve {
  const share = (x: NativeTensor) => a.clip(a.add(a.multiply(x, 1 / 6), 1 / 2), 0, 1);
  return {
    f: (x) => a.multiply(x, share(x)),
    gradient: (dy, x) => {
      const inside = a.multiply(dy, a.add(a.multiply(x, 1 / 3), 1 / 2));
      return a.where(a.isGreater(x, -3), a.where(a.isGreater(3, x), inside, dy), 0);
    },
  };
}

/** s = sigmoid(x): the derivative of x s is s + x s (1 - s) = s + y - y s. */
function silu(a: Arithmetic): Curve {
  const { f: logistic } = sigmoid(a);
  return {
    f: (x) => a.multiply(x, logistic(x)),
    gradient: (dy, x) => {
      const s = logistic(x);
      const y = a.multiply(x, s);
      return a.multiply(dy, a.add(s, a.subtract(y, a.multiply(y, s))));
    },
  };
}

/** x P(x), where P(x) = erfc(-x / sqrt(2)) / 2 keeps its digits where it is small. */
function gelu(a: Arithmetic): Curve {
  const share = (x: NativeTensor) => a.multiply(a.unary('Erfc', a.multiply(x, -Math.SQRT1_2)), 1 / 2);
  return {
    f: (x) => a.multiply(x, share(x)),
    gradient: (dy, x) => {
      const density = a.unary(
        'Exp',
        a.subtract(-Math.log(Math.sqrt(2 * Math.PI)), a.multiply(a.multiply(x, x), 1 / 2)),
      );
      return a.multiply(dy, a.add(share(x), a.multiply(x, density)));
    },
  };
}

/** x sigmoid(2 u), where u = sqrt(2 / pi) (x + 0.044715 x^3), is x / 2 (1 + tanh(u)). */
function geluByTanh(a: Arithmetic): Curve {
  const twice = 2 * Math.sqrt(2 / Math.PI);
  const share = (x: NativeTensor, square: NativeTensor) =>
    a.unary('Sigmoid', a.multiply(x, a.add(a.multiply(square, 0.044715 * twice), twice)));
  return {
    f: (x) => a.multiply(x, share(x, a.unary('Square', x))),
    gradient: (dy, x) => {
      const square = a.unary('Square', x);
      const s = share(x, square);
      const y = a.multiply(x, s);
      const innerSlope = a.add(a.multiply(square, 3 * 0.044715 * twice), twice);
      return a.multiply(dy, a.add(s, a.multiply(a.subtract(y, a.multiply(y, s)), innerSlope)));
    },
  };
}
