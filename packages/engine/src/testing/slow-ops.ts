import { sizeOf } from '@espalier/core';
import type { Ops, PoolWindow, Tensor, Variable } from '../ops.ts';
import { Scopes } from '../scopes.ts';

interface SlowTensor extends Tensor {
  readonly values: Float64Array;
}

interface SlowVariable extends Variable {
  values: Float64Array;
}

type Handle = SlowTensor | SlowVariable;
type Four = [number, number, number, number];

/**
 * `Ops` written as the formulas are: float64, one loop per index, no trick. What both engines are compared with.
 * Only variables are kept in float32, since training promises to resume from float32.
 */
export function slowOps(): Ops {
  const scopes = new Scopes<Handle>(() => {});
  const make = (shape: readonly number[], values = new Float64Array(sizeOf(shape))): SlowTensor =>
    scopes.own({ shape, dtype: 'float32', values });
  const map = (x: Tensor, f: (value: number, i: number) => number): SlowTensor => make(x.shape, of(x).map(f));
  const ops: Ops = {
    engine: 'slow',
    version: '1',
    hasBfloat16: false,
    hasFastBfloat16: false,
    get live() {
      return scopes.live;
    },
    scope: (work) => scopes.run(work),
    release: (...values) => {
      for (const value of values) scopes.release(value as Handle); // a test passes this engine's own handles
    },
    upload: (data, shape) => make(shape, Float64Array.from(data)),
    adopt: (data, shape) => make(shape, Float64Array.from(data)),
    freeze: () => {},
    download: (value) => Float32Array.from(of(value)),
    cast: (x) => map(x, (value) => value),

    convolve(x, kernel, window, { bias, residual, relu } = {}) {
      const [kh, kw, , outputs] = kernel.shape as Four;
      const [n, h, w] = x.shape as Four;
      const out = (length: number, k: number) => Math.floor((length + 2 * window.padding - k) / window.stride) + 1;
      const y = make([n, out(h, kh), out(w, kw), outputs]);
      eachProduct(x.shape, kernel.shape, y.shape, window, (i, k, o) => {
        y.values[o]! += of(x)[i]! * of(kernel)[k]!;
      });
      y.values.forEach((sum, i) => {
        const total = sum + (bias ? of(bias)[i % outputs]! : 0) + (residual ? of(residual)[i]! : 0);
        y.values[i] = relu ? Math.max(0, total) : total;
      });
      return y;
    },
    convolveInputGradient(dy, kernel, window, inputShape) {
      const dx = make(inputShape);
      eachProduct(inputShape, kernel.shape, dy.shape, window, (i, k, o) => {
        dx.values[i]! += of(dy)[o]! * of(kernel)[k]!;
      });
      return dx;
    },
    convolveKernelGradient(dy, x, window, kernelShape) {
      const dKernel = make(kernelShape);
      eachProduct(x.shape, kernelShape, dy.shape, window, (i, k, o) => {
        dKernel.values[k]! += of(dy)[o]! * of(x)[i]!;
      });
      return dKernel;
    },

    batchNorm(x, { scale, shift, runningMean, runningVariance }, { momentum, epsilon }) {
      const channels = of(scale).length;
      const count = of(x).length / channels;
      const mean = perChannel(x, channels, (value) => value / count);
      const variance = perChannel(x, channels, (value, c) => (value - mean[c]!) ** 2 / count);
      const y = map(x, (value, i) => {
        const c = i % channels;
        return ((value - mean[c]!) / Math.sqrt(variance[c]! + epsilon)) * of(scale)[c]! + of(shift)[c]!;
      });
      const unbiased = count / Math.max(1, count - 1);
      return {
        y,
        runningMean: map(runningMean, (value, c) => (1 - momentum) * value + momentum * mean[c]!),
        runningVariance: map(runningVariance, (v, c) => (1 - momentum) * v + momentum * variance[c]! * unbiased),
        saved: [make([channels], mean), make([channels], variance)],
      };
    },
    batchNormGradient(dy, x, scale, saved, epsilon) {
      const channels = of(scale).length;
      const count = of(x).length / channels;
      const [mean, variance] = saved.map(of);
      const inverse = variance!.map((value) => 1 / Math.sqrt(value + epsilon));
      const unit = of(x).map((value, i) => (value - mean![i % channels]!) * inverse[i % channels]!);
      const dShift = perChannel(dy, channels, (value) => value);
      const dScale = perChannel(dy, channels, (value, _, i) => value * unit[i]!);
      const dx = map(dy, (value, i) => {
        const c = i % channels;
        return of(scale)[c]! * inverse[c]! * (value - dShift[c]! / count - (unit[i]! * dScale[c]!) / count);
      });
      return { dx, dScale: make([channels], dScale), dShift: make([channels], dShift) };
    },

    relu: (x) => map(x, (value) => Math.max(0, value)),
    reluGradient: (dy, y) => map(dy, (value, i) => (of(y)[i]! > 0 ? value : 0)),
    maxPool(x, window) {
      const y = make(pooledShape(x.shape, window));
      for (const [o, places] of windows(x, y.shape, window)) y.values[o] = Math.max(...places.map((i) => of(x)[i]!));
      return y;
    },
    maxPoolGradient(dy, x, _, window) {
      const dx = make(x.shape);
      for (const [o, places] of windows(x, dy.shape, window)) {
        const largest = Math.max(...places.map((i) => of(x)[i]!));
        dx.values[places.find((i) => of(x)[i] === largest)!]! += of(dy)[o]!;
      }
      return dx;
    },

    add: (a, b) => map(a, (value, i) => value + of(b)[i]!),
    multiply: (a, b) => map(a, (value, i) => value * of(b)[i]!),
    addBias: (x, bias) => map(x, (value, i) => value + of(bias)[i % of(bias).length]!),
    biasGradient: (dy) =>
      make(
        [dy.shape.at(-1)!],
        perChannel(dy, dy.shape.at(-1)!, (value) => value),
      ),
    spatialMean(x) {
      const [n, h, w, c] = x.shape as Four;
      const y = make([n, c]);
      of(x).forEach((value, i) => {
        y.values[Math.floor(i / (h * w * c)) * c + (i % c)]! += value / (h * w);
      });
      return y;
    },
    spatialMeanGradient(dy, height, width) {
      const [n, c] = dy.shape as [number, number];
      const spread = make([n, height, width, c]);
      const { values } = spread;
      for (let i = 0; i < values.length; i++) {
        values[i] = of(dy)[Math.floor(i / (height * width * c)) * c + (i % c)]! / (height * width);
      }
      return spread;
    },
    matmul(a, b, transpose = {}) {
      const at = (x: Tensor, flip: boolean | undefined) => (row: number, column: number) =>
        of(x)[flip ? column * x.shape[1]! + row : row * x.shape[1]! + column]!;
      const [left, right] = [at(a, transpose.a), at(b, transpose.b)];
      const [rows, inner] = transpose.a ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
      const columns = transpose.b ? b.shape[0]! : b.shape[1]!;
      const y = make([rows, columns]);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          for (let k = 0; k < inner; k++) y.values[i * columns + j]! += left(i, k) * right(k, j);
        }
      }
      return y;
    },

    variable: (data, shape) => scopes.ownForever<SlowVariable>({ shape, values: Float64Array.from(data) }),
    read: (variable) => make(variable.shape, of(variable).slice()),
    assign(variable, value) {
      (variable as SlowVariable).values = of(value).map(Math.fround); // a test passes this engine's own handles
    },
    applySgd(weight, velocity, gradient, { learningRate, momentum, nesterov, weightDecay }) {
      const [w, v] = [of(weight), of(velocity)];
      of(gradient).forEach((raw, i) => {
        const g = raw + weightDecay * w[i]!;
        v[i] = Math.fround(momentum * v[i]! + g);
        w[i] = Math.fround(w[i]! - learningRate * (nesterov ? g + momentum * v[i]! : v[i]!));
      });
    },
    applyAdam(weight, mean, square, gradient, { beta1, beta2, keptWeight, rate, squareCorrection, epsilon }) {
      const [w, m, s] = [of(weight), of(mean), of(square)];
      of(gradient).forEach((g, i) => {
        m[i] = Math.fround(beta1 * m[i]! + (1 - beta1) * g);
        s[i] = Math.fround(beta2 * s[i]! + (1 - beta2) * g * g);
        w[i] = Math.fround(keptWeight * w[i]! - (rate * m[i]!) / (squareCorrection * Math.sqrt(s[i]!) + epsilon));
      });
    },
  };
  return ops;
}

function of(handle: Tensor | Variable): Float64Array {
  return (handle as Handle).values; // a test passes this engine's own handles
}

/** Every product in a convolution: indices into the input, the kernel and the output. */
function eachProduct(
  input: readonly number[],
  kernel: readonly number[],
  output: readonly number[],
  { stride, padding }: { stride: number; padding: number },
  visit: (i: number, k: number, o: number) => void,
): void {
  const [n, h, w, inputs] = input as Four;
  const [kh, kw, , outputs] = kernel as Four;
  const [, oh, ow] = output as Four;
  for (let image = 0; image < n; image++)
    for (let y = 0; y < oh; y++)
      for (let x = 0; x < ow; x++)
        for (let ky = 0; ky < kh; ky++)
          for (let kx = 0; kx < kw; kx++) {
            const [iy, ix] = [y * stride + ky - padding, x * stride + kx - padding];
            if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
            for (let i = 0; i < inputs; i++)
              for (let o = 0; o < outputs; o++) {
                const k = ((ky * kw + kx) * inputs + i) * outputs + o;
                visit(((image * h + iy) * w + ix) * inputs + i, k, ((image * oh + y) * ow + x) * outputs + o);
              }
          }
}

function pooledShape([n, h, w, c]: readonly number[], { size, stride, padding }: PoolWindow): number[] {
  const out = (length: number) => Math.floor((length + 2 * padding - size) / stride) + 1;
  return [n!, out(h!), out(w!), c!];
}

/** For each output of a pool, the indices of the inputs in its window, row-major; the border is not among them. */
function* windows(
  x: Tensor,
  output: readonly number[],
  { size, stride, padding }: PoolWindow,
): Generator<[number, number[]]> {
  const [, h, w, c] = x.shape as Four;
  const [n, oh, ow] = output as Four;
  for (let o = 0; o < n * oh * ow * c; o++) {
    const [channel, column, row] = [o % c, Math.floor(o / c) % ow, Math.floor(o / c / ow) % oh];
    const image = Math.floor(o / (c * ow * oh));
    const places: number[] = [];
    for (let ky = 0; ky < size; ky++)
      for (let kx = 0; kx < size; kx++) {
        const [iy, ix] = [row * stride + ky - padding, column * stride + kx - padding];
        if (iy >= 0 && iy < h && ix >= 0 && ix < w) places.push(((image * h + iy) * w + ix) * c + channel);
      }
    yield [o, places];
  }
}

function perChannel(
  x: Tensor,
  channels: number,
  term: (value: number, c: number, i: number) => number,
): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(channels);
  of(x).forEach((value, i) => {
    sums[i % channels]! += term(value, i % channels, i);
  });
  return sums;
}
