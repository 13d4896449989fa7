import type { Activation, ConvolutionEpilogue, ElementwiseOps } from '../../../src/ops.ts';
import { expectShape } from '../../../src/shapes/expect-shape.ts';
import { of, type Results } from './slow-tensors.ts';

/** A function and its derivative. */
interface Curve {
  f(x: number): number;
  slope(x: number): number;
}

/** Functions of one number, and their derivatives as derived by hand. */
export function activations({ map }: Results): Pick<ElementwiseOps, 'activate' | 'activateGradient'> {
  return {
    activate: (x, f) => map(x, curveOf(f).f),
    activateGradient(dy, x, f) {
      expectShape(dy.shape, x.shape);
      const { slope } = curveOf(f);
      return map(dy, (value, i) => value * slope(of(x)[i]!));
    },
  };
}

/** The end of an epilogue. */
export function activated(x: number, { relu, activation }: Pick<ConvolutionEpilogue, 'relu' | 'activation'>): number {
  if (activation) return curveOf(activation).f(x);
  return relu ? Math.max(0, x) : x;
}

function curveOf(activation: Activation): Curve {
  switch (activation.kind) {
    case 'clip':
      return clip(activation.least, activation.most);
    case 'sigmoid':
      return { f: sigmoid, slope: (x) => sigmoid(x) * sigmoid(-x) };
    case 'hard-sigmoid':
      return hardSigmoid(activation.slope, activation.offset);
    case 'hard-swish':
      return hardSwish;
    case 'silu':
      return { f: (x) => x * sigmoid(x), slope: (x) => sigmoid(x) * (1 + x * sigmoid(-x)) };
    case 'gelu':
      return activation.approximation === 'tanh' ? geluByTanh : gelu;
    case 'tanh':
      return { f: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2 };
  }
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

function clip(least: number, most: number): Curve {
  return { f: (x) => Math.min(Math.max(x, least), most), slope: (x) => (x > least && x < most ? 1 : 0) };
}

function hardSigmoid(slope: number, offset: number): Curve {
  const { f, slope: inner } = clip(0, 1);
  return { f: (x) => f(slope * x + offset), slope: (x) => slope * inner(slope * x + offset) };
}

const hardSwish: Curve = {
  f: (x) => x * Math.min(Math.max(x / 6 + 1 / 2, 0), 1),
  slope: (x) => (x <= -3 ? 0 : x < 3 ? x / 3 + 1 / 2 : 1),
};

const gelu: Curve = {
  f: (x) => x * shareBelow(x),
  slope: (x) => shareBelow(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
};

const geluByTanh: Curve = {
  f: (x) => (x / 2) * (1 + Math.tanh(inner(x))),
  slope: (x) => (1 + Math.tanh(inner(x))) / 2 + (x / 2) * (1 - Math.tanh(inner(x)) ** 2) * innerSlope(x),
};

const inner = (x: number) => Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
const innerSlope = (x: number) => Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x ** 2);

/** P(normal < x): the integral of the density from 0 (Taylor's series, all terms of one sign) where it converges, beyond the tail. */
function shareBelow(x: number): number {
  if (Math.abs(x) > 6) return x > 0 ? 1 - tail(x) : tail(-x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 1 / 2 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** P(normal > x) for large x, by Laplace's continued fraction. */
function tail(x: number): number {
  let denominator = x;
  for (let n = 60; n > 0; n--) denominator = x + n / denominator;
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI) / denominator;
}
