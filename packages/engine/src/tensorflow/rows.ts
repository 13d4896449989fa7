import { sizeOf } from '@espalier/core';
import type { NormalisationOps, Tensor } from '../ops.ts';
import { expectShape } from '../shapes/expect-shape.ts';
import { Arithmetic } from './arithmetic.ts';
import { biasGradient, exactly, rounded } from './elementwise.ts';
import { canFuse } from './fusion.ts';
import { type NativeTensor, native, type Runtime } from './runtime.ts';
import { reshape } from './shapes.ts';

type RowOps = Pick<NormalisationOps, 'layerNorm' | 'layerNormGradient' | 'softmax' | 'softmaxGradient'>;

/** What is computed along the last axis: in float32, and rounded once. */
export function rowOps(runtime: Runtime): RowOps {
  const a = new Arithmetic(runtime);
  const exact = (x: Tensor) => exactly(runtime, x);
  const norm = layerNormBy(runtime);
  const sumOfRows = (x: NativeTensor) => native(biasGradient(runtime, x));
  return {
    layerNorm(x, scale, shift, epsilon) {
      for (const parameter of [scale, shift]) expectShape(parameter.shape, x.shape.slice(-1));
      return runtime.scopes.run((keep) => {
        const y = norm(exact(x), native(scale), native(shift), epsilon);
        return keep(rounded(runtime, y, x.dtype));
      });
    },
    layerNormGradient(dy, x, scale, epsilon) {
      expectShape(scale.shape, x.shape.slice(-1));
      expectShape(dy.shape, x.shape);
      return runtime.scopes.run((keep) => {
        const { unit, inverse } = normalised(a, exact(x), epsilon);
        const upstream = exact(dy);
        const scaled = a.multiply(upstream, native(scale));
        const along = a.multiply(unit, a.rowMeans(a.multiply(scaled, unit)));
        const dx = a.multiply(a.subtract(a.subtract(scaled, a.rowMeans(scaled)), along), inverse);
        const dScale = sumOfRows(a.multiply(upstream, unit));
        return { dx: keep(rounded(runtime, dx, x.dtype)), dScale: keep(dScale), dShift: keep(sumOfRows(upstream)) };
      });
    },
    softmax: (x) =>
      runtime.scopes.run((keep) =>
        keep(rounded(runtime, runtime.run('Softmax', [runtime.type('T', 'float32')], [exact(x)]), x.dtype)),
      ),
    softmaxGradient(dy, y) {
      expectShape(dy.shape, y.shape);
      return runtime.scopes.run((keep) => {
        const [upstream, share] = [exact(dy), exact(y)];
        const sum = a.rowSums(a.multiply(upstream, share));
        return keep(rounded(runtime, a.multiply(share, a.subtract(upstream, sum)), y.dtype));
      });
    },
  };
}

type Norm = (x: NativeTensor, scale: NativeTensor, shift: NativeTensor, epsilon: number) => NativeTensor;

/** The norm of rows in one pass where oneDNN has it, else in several. Temporaries stay in the open scope. */
function layerNormBy(runtime: Runtime): Norm {
  const a = new Arithmetic(runtime);
  const whole: Norm = (x, scale, shift, epsilon) => {
    const channels = x.shape.at(-1)!;
    const rows = reshape(runtime, x, [sizeOf(x.shape) / channels, channels]);
    const attributes = [runtime.type('T', 'float32'), runtime.float('epsilon', epsilon), runtime.string('_kernel', '')];
    return reshape(runtime, runtime.run('_MklLayerNorm', attributes, [rows, scale, shift]), x.shape);
  };
  // A row of one value is its own mean, so that only the shift is left.
  const isThere = canFuse(runtime, (value) => whole(value(5, [1, 1]), value(3, [1]), value(7, [1]), 1), 7);
  if (isThere) return whole;
  return (x, scale, shift, epsilon) => a.add(a.multiply(normalised(a, x, epsilon).unit, scale), shift);
}

/** Rows less their mean, over their deviation; and one over the deviation. */
function normalised(a: Arithmetic, x: NativeTensor, epsilon: number) {
  const centred = a.subtract(x, a.rowMeans(x));
  const inverse = a.unary('Rsqrt', a.add(a.rowMeans(a.unary('Square', centred)), epsilon));
  return { inverse, unit: a.multiply(centred, inverse) };
}
