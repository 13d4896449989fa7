import { sizeOf } from '@espalier/core';
import type { Constant, ConstantType, Values } from '../constants/constant.ts';
import { computed } from '../constants/constant.ts';
import { pickedValues } from '../constants/permuted-values.ts';
import { unsupported } from '../decode/model-error.ts';
import { type Fold, type Folding, needed } from './folding.ts';

type Unary = (x: number) => number;
type Binary = (a: number, b: number) => number;

const unary: Readonly<Record<string, Unary>> = {
  Sqrt: Math.sqrt,
  Neg: (x) => -x,
  Abs: Math.abs,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Sign: Math.sign,
  Exp: Math.exp,
  Log: Math.log,
  Reciprocal: (x) => 1 / x,
  Not: (x) => (x === 0 ? 1 : 0),
};

const arithmetic: Readonly<Record<string, Binary>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  Min: Math.min,
  Max: Math.max,
};

const truth =
  (is: (a: number, b: number) => boolean): Binary =>
  (a, b) =>
    is(a, b) ? 1 : 0;

const comparisons: Readonly<Record<string, Binary>> = {
  Equal: truth((a, b) => a === b),
  Greater: truth((a, b) => a > b),
  GreaterOrEqual: truth((a, b) => a >= b),
  Less: truth((a, b) => a < b),
  LessOrEqual: truth((a, b) => a <= b),
  And: truth((a, b) => a !== 0 && b !== 0),
  Or: truth((a, b) => a !== 0 || b !== 0),
};

/** Operators on constants, value by value. */
export const elementwise: Readonly<Record<string, Fold>> = {
  ...Object.fromEntries(Object.entries(unary).map(([name, f]) => [name, foldUnary(f)])),
  ...Object.fromEntries(Object.entries(arithmetic).map(([name, f]) => [name, foldBinary(f, null)])),
  ...Object.fromEntries(Object.entries(comparisons).map(([name, f]) => [name, foldBinary(f, 'boolean')])),
  Mod: (folding) => {
    const isC = Number(folding.node.attributes.get('fmod')?.i ?? 0) === 1;
    return foldBinary((a, b) => (isC ? a % b : a - Math.floor(a / b) * b), null)(folding);
  },
  Where: (folding) => {
    const [condition, a, b] = [needed(folding, 0), needed(folding, 1), needed(folding, 2)];
    const shape = commonShape(folding, [condition, a, b]);
    const [tests, yes, no] = [condition, a, b].map((each) => repeated(each, shape)) as [Values, Values, Values];
    return [made(folding, a.type, shape, (i) => (tests[i] === 0 ? no[i]! : yes[i]!))];
  },
};

function foldUnary(f: Unary): Fold {
  return (folding) => {
    const x = needed(folding, 0);
    const values = x.values();
    return [made(folding, x.type, x.shape, (i) => f(values[i]!))];
  };
}

function foldBinary(f: Binary, type: ConstantType | null): Fold {
  return (folding) => {
    const [a, b] = [needed(folding, 0), needed(folding, 1)];
    const shape = commonShape(folding, [a, b]);
    const [x, y] = [repeated(a, shape), repeated(b, shape)];
    // Whole numbers are divided towards zero.
    const whole = type === null && a.type === 'integer';
    return [made(folding, type ?? a.type, shape, (i) => (whole ? Math.trunc(f(x[i]!, y[i]!)) : f(x[i]!, y[i]!)))];
  };
}

function made(
  { node, budget }: Folding,
  type: ConstantType,
  shape: readonly number[],
  valueAt: (i: number) => number,
): Constant {
  budget.take(shape);
  const values = type === 'float' ? new Float32Array(sizeOf(shape)) : new Float64Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = valueAt(i);
  return computed(node.outputs[0]!, type, shape, values);
}

/** The shape of values whose axes of length 1 are repeated, and that have fewer axes in front. */
export function commonShape(
  { node, place }: Pick<Folding, 'node' | 'place'>,
  values: readonly Pick<Constant, 'shape'>[],
): readonly number[] {
  const rank = Math.max(...values.map(({ shape }) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const lengths = values.map(({ shape }) => shape[axis - rank + shape.length] ?? 1).filter((length) => length !== 1);
    if (new Set(lengths).size <= 1) return lengths[0] ?? 1;
    const shapes = values.map(({ shape }) => `[${shape.join(', ')}]`).join(' and ');
    throw unsupported(place.name, `the node "${node.name}" (${node.operator}) cannot join the shapes ${shapes}.`);
  });
}

/** The values as often as `shape` wants them. */
export function repeated(
  { shape: from, values }: Pick<Constant, 'shape' | 'values'>,
  shape: readonly number[],
): Values {
  if (from.join() === shape.join()) return values();
  const steps = shape.map((_, axis) => {
    const at = axis - shape.length + from.length;
    return at < 0 || from[at] === 1 ? 0 : sizeOf(from.slice(at + 1));
  });
  return pickedValues(values(), shape, steps, 0);
}
