import { dataTypes } from '@espalier/native-tensorflow';
import type { ConvolutionEpilogue, Tensor, Window } from '../../ops.ts';
import { withEpilogue } from '../epilogue.ts';
import { type NativeTensor, native, type Runtime } from '../runtime.ts';
import { slice } from '../shapes.ts';

// Each of the four places of a 2x2 map sees four of a 3x3 kernel's nine taps; the others lie on the border.
const side = 2;
const places = side * side;
const taps = 3;
/** Eigen multiplies fewer rows by other means, whose sums differ in their last bits: an image must not depend on its batch. */
const fewestRows = 4;

/**
 * Convolutions of 2x2 maps by kernels that do not change, as products with one dense matrix: the last layers of a network on
 * images of 64 px. oneDNN spends nine taps a place where four are not on the border.
 */
export class SmallMapConvolutions {
  readonly #runtime: Runtime;
  /** By the kernel's id: `[places x outputs, places x inputs]`, made when it is first needed. */
  readonly #matrices = new Map<number, NativeTensor | undefined>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** `Ops.freeze`. */
  freeze(kernel: Tensor): void {
    const [rows, columns] = kernel.shape;
    const isPlain = rows === taps && columns === taps && kernel.dtype === 'float32';
    if (isPlain && !this.#runtime.binding.isUsingGpuDevice()) this.#matrices.set(native(kernel).id, undefined);
  }

  /** To be called for whatever is released. */
  forget({ id }: { readonly id: number }): void {
    const matrix = this.#matrices.get(id);
    if (matrix) this.#runtime.binding.deleteTensor(matrix.id);
    this.#matrices.delete(id);
  }

  /** Whether `kernel` is frozen, and goes over maps of `inputShape` with a border of one. */
  takes(kernel: Tensor, { stride, padding }: Window, [, height, width]: readonly number[]): boolean {
    const isSmall = height === side && width === side && stride === 1 && padding === 1;
    return isSmall && this.#matrices.has(native(kernel).id);
  }

  convolve(x: Tensor, kernel: Tensor, epilogue: ConvolutionEpilogue): Tensor {
    const runtime = this.#runtime;
    return runtime.scopes.run((keep) => {
      const y = this.#product(native(x), native(kernel), true);
      return keep(withEpilogue(runtime, y, epilogue));
    });
  }

  inputGradient(dy: Tensor, kernel: Tensor): Tensor {
    return this.#runtime.scopes.run((keep) => keep(this.#product(native(dy), native(kernel), false)));
  }

  /** Every map of `x`, as one row, by the matrix: by its transpose for a convolution, by itself for the gradient. */
  #product(x: NativeTensor, kernel: NativeTensor, transposed: boolean): NativeTensor {
    const runtime = this.#runtime;
    const [n, , , channels] = x.shape as [number, number, number, number]; // activations are n h w c
    const [, , inputs, outputs] = kernel.shape as [number, number, number, number]; // kernels are h w i o
    const type = runtime.type('T', 'float32');
    const reshape = (value: NativeTensor, shape: readonly number[]) =>
      runtime.run('Reshape', [type, runtime.type('Tshape', 'int32')], [value, runtime.integers(shape)]);
    let rows = reshape(x, [n, places * channels]);
    if (n < fewestRows) {
      const border = runtime.integers([0, fewestRows - n, 0, 0], [2, 2]);
      rows = runtime.run('Pad', [type, runtime.type('Tpaddings', 'int32')], [rows, border]);
    }
    const attributes = [type, runtime.bool('transpose_a', false), runtime.bool('transpose_b', transposed)];
    const product = runtime.run('MatMul', attributes, [rows, this.#matrix(kernel)]);
    const width = transposed ? outputs : inputs;
    const whole = n < fewestRows ? slice(runtime, product, [0, 0], [n, places * width]) : product;
    return reshape(whole, [n, side, side, width]);
  }

  #matrix(kernel: NativeTensor): NativeTensor {
    const known = this.#matrices.get(kernel.id);
    if (known) return known;
    const { binding } = this.#runtime;
    const [, , inputs, outputs] = kernel.shape as [number, number, number, number]; // kernels are h w i o
    const values = denseMatrix(binding.tensorDataSync(kernel.id) as Float32Array, inputs, outputs); // frozen ones are float32
    const shape = [places * outputs, places * inputs];
    const made: NativeTensor = { id: binding.createTensor(shape, dataTypes.float32, values), shape, dtype: 'float32' };
    this.#matrices.set(kernel.id, made);
    return made;
  }
}

/** Row: place and channel of the output; column: of the input; value: the tap that joins them, or zero. */
export function denseMatrix(kernel: Float32Array, inputs: number, outputs: number): Float32Array {
  const matrix = new Float32Array(places * outputs * places * inputs);
  for (let to = 0; to < places; to++) {
    for (let from = 0; from < places; from++) {
      const row = Math.floor(from / side) - Math.floor(to / side) + 1;
      const column = (from % side) - (to % side) + 1;
      const tap = (row * taps + column) * inputs * outputs;
      for (let o = 0; o < outputs; o++) {
        const target = (to * outputs + o) * places * inputs + from * inputs;
        for (let i = 0; i < inputs; i++) matrix[target + i] = kernel[tap + i * outputs + o]!;
      }
    }
  }
  return matrix;
}
