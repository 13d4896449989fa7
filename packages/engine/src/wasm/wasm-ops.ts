import { StudyError, sizeOf } from '@espalier/core';
import type {
  AdamRule,
  BatchNormResult,
  ConvolutionEpilogue,
  DType,
  Ops,
  PoolWindow,
  SavedStatistics,
  SgdRule,
  Tensor,
  Variable,
  Window,
} from '../ops.ts';
import { Scopes } from '../scopes.ts';
import { expectShape } from '../shapes/expect-shape.ts';
import { batchNorm, batchNormGradient, channelsOf, groupsOf } from './batch-norm.ts';
import { convolve } from './convolution/convolution.ts';
import { geometryOf, outputShape, poolGeometry } from './convolution/geometry.ts';
import { convolutionInputGradient } from './convolution/input-gradient.ts';
import { convolutionKernelGradient } from './convolution/kernel-gradient.ts';
import { Handle } from './handle.ts';
import { type FloatBuffer, Heap } from './heap.ts';
import { matmul } from './matmul.ts';
import { maxPool, maxPoolGradient } from './max-pool.ts';
import { NotYet } from './not-yet.ts';
import { spreadOverRows, sumRows } from './spatial-mean.ts';
import { openTfjsModule } from './tfjs-module.ts';
import { adamNumbers, sgdNumbers } from './update-rules.ts';

/**
 * The arithmetic of networks on tfjs's WebAssembly backend: XNNPACK's convolutions for the forward pass and the input
 * gradient, and SIMD kernels of our own, in the same memory, for what that backend lacks or does slowly.
 *
 * Float32 only, one thread, deterministic: the same numbers on every machine of one kind, and the same for an image
 * whatever else is in its batch. Each call opens a memory of its own.
 *
 * @throws StudyError `engine/unavailable`
 */
export async function openWasmOps(): Promise<Ops> {
  const { tfjs, version } = await openTfjsModule();
  return new WasmOps(new Heap(tfjs), version);
}

/** `Ops` on `heap`. */
export class WasmOps extends NotYet implements Ops {
  readonly engine = 'wasm';
  readonly version: string;
  readonly hasBfloat16 = false;
  readonly hasFastBfloat16 = false;
  readonly #heap: Heap;
  readonly #scopes = new Scopes<Handle>(({ buffer }) => buffer.release());

  constructor(heap: Heap, version: string) {
    super();
    this.#heap = heap;
    this.version = version;
  }

  get live(): number {
    return this.#scopes.live;
  }

  scope<Result>(work: (keep: <Kept extends Tensor>(tensor: Kept) => Kept) => Result): Result {
    return this.#scopes.run(work);
  }

  release(...values: readonly (Tensor | Variable)[]): void {
    for (const value of values) this.#scopes.release(value as Handle); // every tensor of these ops is a Handle
  }

  upload(data: Float32Array, shape: readonly number[]): Tensor {
    expectShape([data.length], [sizeOf(shape)]);
    return this.#own(shape, this.#heap.from(data));
  }

  adopt(data: Float32Array, shape: readonly number[]): Tensor {
    return this.upload(data, shape);
  }

  download(value: Tensor | Variable): Float32Array {
    return this.#buffer(value).values.slice();
  }

  cast(x: Tensor, dtype: DType): Tensor {
    if (dtype === 'float32') return this.#own(x.shape, this.#buffer(x).share());
    throw new StudyError(
      'core/not-supported',
      'The wasm engine computes in float32 only; bfloat16 was asked for. ' +
        'Ask for "exact" numerics, or for the tensorflow engine.',
    );
  }

  freeze(): void {} // there is no form that is faster here

  convolve(x: Tensor, kernel: Tensor, window: Window, epilogue: ConvolutionEpilogue = {}): Tensor {
    const geometry = geometryOf(x.shape, kernel.shape, window);
    const { bias, residual, relu, activation } = epilogue;
    if (activation) return this.activate();
    const shape = outputShape(geometry);
    const y = convolve(this.#heap, this.#buffer(x), this.#buffer(kernel), geometry, {
      bias: bias && this.#buffer(bias, [geometry.outputs]),
      residual: residual && this.#buffer(residual, shape),
      relu,
    });
    return this.#own(shape, y);
  }

  convolveInputGradient(dy: Tensor, kernel: Tensor, window: Window, inputShape: readonly number[]): Tensor {
    const geometry = geometryOf(inputShape, kernel.shape, window);
    const dx = convolutionInputGradient(
      this.#heap,
      this.#buffer(dy, outputShape(geometry)),
      this.#buffer(kernel),
      geometry,
    );
    return this.#own(inputShape, dx);
  }

  convolveKernelGradient(dy: Tensor, x: Tensor, window: Window, kernelShape: readonly number[]): Tensor {
    const geometry = geometryOf(x.shape, kernelShape, window);
    const [dyBuffer, xBuffer] = [this.#buffer(dy, outputShape(geometry)), this.#buffer(x)];
    const gradient = convolutionKernelGradient(this.#heap, dyBuffer, xBuffer, geometry);
    return this.#own(kernelShape, gradient);
  }

  batchNorm(
    x: Tensor,
    parameters: Readonly<Record<'scale' | 'shift' | 'runningMean' | 'runningVariance', Tensor>>,
    options: { readonly momentum: number; readonly epsilon: number },
  ): BatchNormResult {
    const { scale, shift, runningMean, runningVariance } = parameters;
    const channels = x.shape.slice(-1);
    const buffers = {
      scale: this.#buffer(scale, channels),
      shift: this.#buffer(shift, channels),
      runningMean: this.#buffer(runningMean, channels),
      runningVariance: this.#buffer(runningVariance, channels),
    };
    const result = batchNorm(this.#heap, this.#buffer(x), channelsOf(x), buffers, options);
    return {
      y: this.#own(x.shape, result.y),
      runningMean: this.#own(channels, result.runningMean),
      runningVariance: this.#own(channels, result.runningVariance),
      saved: [this.#own(channels, result.mean), this.#own(channels, result.inverseDeviation)],
    };
  }

  batchNormGradient(dy: Tensor, x: Tensor, scale: Tensor, saved: SavedStatistics) {
    const [mean, inverseDeviation] = saved as readonly [Tensor, Tensor]; // as batchNorm made them
    const operands = {
      dy: this.#buffer(dy, x.shape),
      x: this.#buffer(x),
      scale: this.#buffer(scale, x.shape.slice(-1)),
      mean: this.#buffer(mean),
      inverseDeviation: this.#buffer(inverseDeviation),
    };
    const { dx, dScale, dShift } = batchNormGradient(this.#heap, operands, channelsOf(x));
    return {
      dx: this.#own(x.shape, dx),
      dScale: this.#own(scale.shape, dScale),
      dShift: this.#own(scale.shape, dShift),
    };
  }

  relu(x: Tensor): Tensor {
    const from = this.#buffer(x);
    const y = this.#heap.allocate(from.count);
    this.#heap.kernels.relu(from.address, y.address, y.vectors);
    return this.#own(x.shape, y);
  }

  reluGradient(dy: Tensor, y: Tensor): Tensor {
    return this.#binary('reluGradient', dy, y);
  }

  maxPool(x: Tensor, window: PoolWindow): Tensor {
    const geometry = poolGeometry(x, window);
    return this.#own(outputShape(geometry), maxPool(this.#heap, this.#buffer(x), geometry));
  }

  maxPoolGradient(dy: Tensor, x: Tensor, y: Tensor, window: PoolWindow): Tensor {
    const geometry = poolGeometry(x, window);
    const shape = outputShape(geometry);
    const [dyBuffer, yBuffer] = [this.#buffer(dy, shape), this.#buffer(y, shape)];
    return this.#own(x.shape, maxPoolGradient(this.#heap, dyBuffer, this.#buffer(x), yBuffer, geometry));
  }

  add(a: Tensor, b: Tensor): Tensor {
    return this.#binary('add', a, b);
  }

  multiply(a: Tensor, b: Tensor): Tensor {
    return this.#binary('multiply', a, b);
  }

  addBias(x: Tensor, bias: Tensor): Tensor {
    const { rows, channels } = channelsOf(x);
    const { groups, lanes } = groupsOf(channels);
    const [from, add] = [this.#buffer(x), this.#buffer(bias, [channels])];
    const y = this.#heap.allocate(from.count);
    this.#heap.kernels[`addBias${lanes}`](from.address, add.address, y.address, rows, groups);
    return this.#own(x.shape, y);
  }

  biasGradient(dy: Tensor): Tensor {
    const { channels } = channelsOf(dy);
    return this.#own([channels], sumRows(this.#heap, this.#buffer(dy), 1, channelsOf(dy), 1));
  }

  spatialMean(x: Tensor): Tensor {
    const [images, height, width, channels] = x.shape as readonly [number, number, number, number]; // promised by Ops
    const rows = height * width;
    return this.#own([images, channels], sumRows(this.#heap, this.#buffer(x), images, { rows, channels }, rows));
  }

  spatialMeanGradient(dy: Tensor, height: number, width: number): Tensor {
    const [images, channels] = dy.shape as readonly [number, number]; // promised by Ops
    const dx = spreadOverRows(this.#heap, this.#buffer(dy), images, { rows: height * width, channels });
    return this.#own([images, height, width, channels], dx);
  }

  matmul(a: Tensor, b: Tensor, transpose: { readonly a?: boolean; readonly b?: boolean } = {}): Tensor {
    const [left, right] = [this.#matrix(a), this.#matrix(b)];
    const { a: isLeft = false, b: isRight = false } = transpose;
    expectShape([isRight ? right.columns : right.rows], [isLeft ? left.rows : left.columns]);
    const product = matmul(this.#heap, left, right, { a: isLeft, b: isRight });
    return this.#own([isLeft ? left.columns : left.rows, isRight ? right.rows : right.columns], product);
  }

  variable(data: Float32Array, shape: readonly number[]): Variable {
    expectShape([data.length], [sizeOf(shape)]);
    return this.#scopes.ownForever(new Handle(shape, this.#heap.from(data)));
  }

  read(variable: Variable): Tensor {
    return this.#own(variable.shape, this.#buffer(variable).share());
  }

  assign(variable: Variable, value: Tensor): void {
    const handle = variable as Handle; // every variable of these ops is a Handle
    const buffer = this.#buffer(value, handle.shape).share();
    this.#buffer(handle).release();
    handle.buffer = buffer;
  }

  applySgd(weight: Variable, velocity: Variable, gradient: Tensor, rule: SgdRule): void {
    using numbers = this.#heap.from(sgdNumbers(rule));
    const g = this.#buffer(gradient, weight.shape);
    const [w, v] = [this.#writable(weight), this.#writable(velocity, weight.shape)];
    this.#heap.kernels.applySgd(w.address, v.address, g.address, numbers.address, w.vectors);
  }

  applyAdam(weight: Variable, mean: Variable, square: Variable, gradient: Tensor, rule: AdamRule): void {
    using numbers = this.#heap.from(adamNumbers(rule));
    const { shape } = weight;
    const g = this.#buffer(gradient, shape);
    const [w, m, s] = [this.#writable(weight), this.#writable(mean, shape), this.#writable(square, shape)];
    this.#heap.kernels.applyAdam(w.address, m.address, s.address, g.address, numbers.address, w.vectors);
  }

  #own(shape: readonly number[], buffer: FloatBuffer): Handle {
    return this.#scopes.own(new Handle(shape, buffer));
  }

  #buffer(value: Tensor | Variable, shape = value.shape): FloatBuffer {
    const handle = value as Handle; // every tensor and variable of these ops is a Handle
    if (!this.#scopes.isLive(handle)) throw new Error('A tensor was used after its release. Keep it in its scope.');
    expectShape(value.shape, shape);
    return handle.buffer;
  }

  /** The variable's buffer, its own alone, about to be changed. */
  #writable(variable: Variable, shape = variable.shape): FloatBuffer {
    const handle = variable as Handle; // every variable of these ops is a Handle
    const buffer = this.#buffer(variable, shape);
    if (buffer.isShared) {
      handle.buffer = this.#heap.copy(buffer);
      buffer.release();
    }
    handle.buffer.changed();
    return handle.buffer;
  }

  #binary(kernel: 'add' | 'multiply' | 'reluGradient', a: Tensor, b: Tensor): Tensor {
    const [left, right] = [this.#buffer(a), this.#buffer(b, a.shape)];
    const y = this.#heap.allocate(left.count);
    this.#heap.kernels[kernel](left.address, right.address, y.address, y.vectors);
    return this.#own(a.shape, y);
  }

  #matrix(tensor: Tensor) {
    const [rows, columns] = tensor.shape as readonly [number, number]; // promised by Ops
    return { buffer: this.#buffer(tensor), rows, columns };
  }
}
