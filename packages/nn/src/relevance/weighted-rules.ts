import type { RelevanceRule } from '@espalier/core';
import type { Ops, Tensor } from '@espalier/engine';
import { kindOf } from '../graph/kinds.ts';
import type { DenseLayer } from '../layers/products/dense.ts';
import type { ConvolutionLayer } from '../layers/windows/convolution-layer.ts';
import { type Arriving, type Handed, less, perImage, plus } from './arriving.ts';

type WeightedLayer = ConvolutionLayer | DenseLayer;

/** Inputs and weights that are multiplied with each other. */
interface Term {
  readonly sign: 1 | -1;
  readonly x: Tensor;
  readonly kernel: Tensor;
  readonly bias: Tensor | null;
}

/** Terms that share what arrives by their part in the sum of all. */
interface Sum {
  /** How much of what arrives the sum hands on. */
  readonly factor: number;
  readonly arriving: Tensor;
  readonly terms: readonly Term[];
  /** Where it is known already. */
  readonly z?: Tensor;
}

/** Rules that change inputs and weights: of each sum z, x dz/dx (R / z), with the x and the weights of its terms. */
export function handedByWeights(
  asked: Arriving,
  layer: WeightedLayer,
  rule: RelevanceRule & { epsilon: number },
): Handed {
  const { ops, relevance } = asked;
  const handed = sumsOf(asked, layer, rule).map((sum) => handedBySum(asked, layer, sum, rule.epsilon));
  return {
    inputs: [handed.map(({ input }) => input).reduce((a, b) => ops.add(a, b))],
    kernels: handed.flatMap(({ kernels }) => kernels.map((each) => [layer.weight, each] as const)),
    absorbed: handed.map((each) => each.absorbed).reduce(plus),
    withheld: less(perImage(ops, relevance), handed.map(({ given }) => given).reduce(plus)),
  };
}

/** What one sum gives its inputs, kernels and biases, and how much that is together. */
function handedBySum(
  asked: Arriving,
  layer: WeightedLayer,
  { factor, arriving, terms, ...known }: Sum,
  epsilon: number,
) {
  const { ops } = asked;
  const values = () => terms.map((term) => signed(ops, sumOf(asked, layer, term), term.sign));
  const z = known.z ?? values().reduce((a, b) => ops.add(a, b));
  const quotient = ops.quotient(ops.scale(arriving, factor), z, epsilon);
  const shares = terms.map((term) => shareOf(asked, layer, term, quotient));
  const none = new Array<number>(z.shape[0]!).fill(0);
  return {
    input: shares.map(({ input }) => input).reduce((a, b) => ops.add(a, b)),
    kernels: shares.flatMap(({ kernel }) => (kernel ? [kernel] : [])),
    absorbed: terms
      .flatMap(({ bias }) => (bias ? [perImage(ops, alongLast(ops, quotient, bias))] : []))
      .reduce(plus, none),
    given: perImage(ops, ops.multiply(quotient, z)),
  };
}

/** x w + b of one term. */
function sumOf({ ops, step }: Arriving, layer: WeightedLayer, term: Term): Tensor {
  const { x, kernel, bias } = term;
  const parameter = (name: string) => (name === layer.weight ? kernel : bias!);
  const plain = { ...layer, bias: bias ? layer.bias : null };
  const forward = { ops, dtype: step.output.dtype, inputs: [x], parameter, hasWayBack: false };
  return kindOf(layer).forward({ ...forward, save: () => {}, update: () => {} }, plain);
}

/** The shares of the inputs, and of the kernel where wanted. */
function shareOf({ ops, step, wantsKernels }: Arriving, layer: WeightedLayer, term: Term, quotient: Tensor) {
  const { x, kernel, sign } = term;
  const slopes: Tensor[] = [];
  const [dx] = kindOf(layer).backward(
    {
      ops,
      dtype: step.output.dtype,
      inputs: [x],
      output: step.output,
      saved: [],
      dy: quotient,
      parameter: () => kernel,
      wanted: [true],
      gradient: wantsKernels ? (_, slope) => slopes.push(slope) : null,
    },
    { ...layer, bias: null },
  );
  return {
    input: signed(ops, ops.multiply(x, dx!), sign),
    kernel: wantsKernels ? signed(ops, ops.multiply(slopes[0]!, kernel), sign) : null,
  };
}

/** The sums of each rule; see `RelevanceRule` of core. */
function sumsOf({ ops, step, relevance, box }: Arriving, layer: WeightedLayer, rule: RelevanceRule): readonly Sum[] {
  const x = step.inputs[0]!;
  const kernel = step.parameters.parameter(layer.weight);
  const bias = layer.bias === null ? null : step.parameters.parameter(layer.bias);
  const term = (sign: 1 | -1, ofX: Tensor, ofKernel: Tensor, ofBias: Tensor | null): Term => ({
    ...{ sign, x: ofX, kernel: ofKernel, bias: ofBias },
  });
  const of = (part: (values: Tensor) => Tensor) => [part(kernel), bias && part(bias)] as const;
  const [above, below] = [(values: Tensor) => partOf(ops, values, 1), (values: Tensor) => partOf(ops, values, -1)];
  /** Where the products of inputs and weights of `same` signs are, and the bias with them. */
  const oneSided = (same: readonly [Tensor, Tensor | null], other: readonly [Tensor, Tensor | null]): Term[] => [
    term(1, above(x), ...same),
    term(1, below(x), other[0], null),
  ];
  const whole = (factor: number, terms: readonly Term[], arriving = relevance): Sum => ({ factor, arriving, terms });
  switch (rule.rule) {
    case 'alpha-beta': {
      const [positive, negative] = [of(above), of(below)];
      const taken = rule.beta === 0 ? [] : [whole(-rule.beta, oneSided(negative, positive))];
      return [whole(rule.alpha, oneSided(positive, negative)), ...taken];
    }
    case 'gamma': {
      const more = (part: (values: Tensor) => Tensor) => of((w) => ops.add(w, ops.scale(part(w), rule.gamma)));
      const [positive, negative] = [more(above), more(below)];
      const ofSign = (sign: 1 | -1) => ops.reluGradient(relevance, signed(ops, step.output, sign));
      return [whole(1, oneSided(positive, negative), ofSign(1)), whole(1, oneSided(negative, positive), ofSign(-1))];
    }
    case 'flat':
      return [whole(1, [term(1, filled(ops, x, [1]), filled(ops, kernel, [1]), null)])];
    case 'w-square':
      return [whole(1, [term(1, filled(ops, x, [1]), ...of((w) => ops.multiply(w, w)))])];
    case 'z-box':
      return [
        whole(1, [
          term(1, x, kernel, null),
          term(-1, filled(ops, x, box.least), above(kernel), null),
          term(-1, filled(ops, x, box.largest), below(kernel), null),
        ]),
      ];
    default:
      return [{ ...whole(1, [term(1, x, kernel, bias)]), z: step.output }];
  }
}

/** Positive or negative values, zeros elsewhere. */
function partOf(ops: Ops, x: Tensor, sign: 1 | -1): Tensor {
  return sign === 1 ? ops.relu(x) : ops.scale(ops.relu(ops.scale(x, -1)), -1);
}

function signed(ops: Ops, x: Tensor, sign: 1 | -1): Tensor {
  return sign === 1 ? x : ops.scale(x, -1);
}

function alongLast(ops: Ops, x: Tensor, values: Tensor): Tensor {
  return ops.multiply(x, ops.reshape(values, [...x.shape.slice(0, -1).fill(1), x.shape.at(-1)!]));
}

/** A tensor as `like`, with `values` repeated along the last axis. */
function filled(ops: Ops, { shape }: Tensor, values: readonly number[]): Tensor {
  const count = shape.reduce((product, length) => product * length, 1);
  return ops.adopt(
    Float32Array.from({ length: count }, (_, i) => values[i % values.length]!),
    shape,
  );
}
