/** Slow, obvious float64 versions of the operations: plain loops over plain arrays. */

export interface Plain {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export interface PlainWindow {
  readonly stride: number;
  readonly padding: number;
}

export function plain(shape: readonly number[], data?: ArrayLike<number>): Plain {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, data: data ? Float64Array.from(data) : new Float64Array(size) };
}

/** Visits every multiplication of a convolution with the indices of its input, kernel and output. */
function eachProduct(
  x: readonly number[],
  kernel: readonly number[],
  { stride, padding }: PlainWindow,
  visit: (input: number, kernel: number, output: number) => void,
): void {
  const [images, height, width, inputs] = x as [number, number, number, number];
  const [kernelHeight, kernelWidth, , outputs] = kernel as [number, number, number, number];
  const [, outHeight, outWidth] = convolutionShape(x, kernel, { stride, padding }) as [number, number, number];
  for (let n = 0; n < images; n++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (let u = 0; u < kernelHeight; u++)
          for (let v = 0; v < kernelWidth; v++) {
            const [row, column] = [i * stride + u - padding, j * stride + v - padding];
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            for (let c = 0; c < inputs; c++)
              for (let o = 0; o < outputs; o++)
                visit(
                  ((n * height + row) * width + column) * inputs + c,
                  ((u * kernelWidth + v) * inputs + c) * outputs + o,
                  ((n * outHeight + i) * outWidth + j) * outputs + o,
                );
          }
}

export function convolutionShape(x: readonly number[], kernel: readonly number[], window: PlainWindow): number[] {
  const length = (input: number, size: number) => Math.floor((input + 2 * window.padding - size) / window.stride) + 1;
  return [x[0]!, length(x[1]!, kernel[0]!), length(x[2]!, kernel[1]!), kernel[3]!];
}

export function convolve(x: Plain, kernel: Plain, window: PlainWindow): Plain {
  const y = plain(convolutionShape(x.shape, kernel.shape, window));
  eachProduct(x.shape, kernel.shape, window, (i, k, o) => {
    y.data[o]! += x.data[i]! * kernel.data[k]!;
  });
  return y;
}

export function convolveInputGradient(dy: Plain, kernel: Plain, window: PlainWindow, shape: readonly number[]): Plain {
  const dx = plain(shape);
  eachProduct(shape, kernel.shape, window, (i, k, o) => {
    dx.data[i]! += dy.data[o]! * kernel.data[k]!;
  });
  return dx;
}

export function convolveKernelGradient(dy: Plain, x: Plain, window: PlainWindow, shape: readonly number[]): Plain {
  const dKernel = plain(shape);
  eachProduct(x.shape, shape, window, (i, k, o) => {
    dKernel.data[k]! += dy.data[o]! * x.data[i]!;
  });
  return dKernel;
}

export function matmul(a: Plain, b: Plain, transpose: { a?: boolean; b?: boolean } = {}): Plain {
  const at =
    ({ shape, data }: Plain, isTransposed: boolean | undefined) =>
    (row: number, column: number) =>
      isTransposed ? data[column * shape[1]! + row]! : data[row * shape[1]! + column]!;
  const rows = a.shape[transpose.a ? 1 : 0]!;
  const depth = a.shape[transpose.a ? 0 : 1]!;
  const columns = b.shape[transpose.b ? 0 : 1]!;
  const [left, right] = [at(a, transpose.a), at(b, transpose.b)];
  const y = plain([rows, columns]);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let k = 0; k < depth; k++) y.data[row * columns + column]! += left(row, k) * right(k, column);
  return y;
}

/** Sums over all axes but the last. */
export function channelSums({ shape, data }: Plain): Plain {
  const sums = plain([shape.at(-1)!]);
  data.forEach((value, i) => {
    sums.data[i % sums.data.length]! += value;
  });
  return sums;
}

export function batchNorm(x: Plain, scale: Plain, shift: Plain, epsilon: number) {
  const channels = scale.data.length;
  const rows = x.data.length / channels;
  const mean = channelSums(x).data.map((sum) => sum / rows);
  const centred = plain(
    x.shape,
    x.data.map((value, i) => value - mean[i % channels]!),
  );
  const variance = channelSums(
    plain(
      x.shape,
      centred.data.map((value) => value ** 2),
    ),
  ).data.map((sum) => sum / rows);
  const y = centred.data.map((value, i) => {
    const c = i % channels;
    return (value / Math.sqrt(variance[c]! + epsilon)) * scale.data[c]! + shift.data[c]!;
  });
  return { y: plain(x.shape, y), mean, variance, rows };
}

/** Visits each window: its output, and the inputs inside the image in row-major order. */
export function eachWindow(
  x: readonly number[],
  { size, stride, padding }: PlainWindow & { readonly size: number },
  visit: (output: number, inputs: readonly number[]) => void,
): number[] {
  const [images, height, width, channels] = x as [number, number, number, number];
  const shape = convolutionShape(x, [size, size, channels, channels], { stride, padding });
  let output = 0;
  for (let n = 0; n < images; n++)
    for (let i = 0; i < shape[1]!; i++)
      for (let j = 0; j < shape[2]!; j++)
        for (let c = 0; c < channels; c++) {
          const inputs: number[] = [];
          for (let row = i * stride - padding; row < i * stride - padding + size; row++)
            for (let column = j * stride - padding; column < j * stride - padding + size; column++)
              if (row >= 0 && row < height && column >= 0 && column < width)
                inputs.push(((n * height + row) * width + column) * channels + c);
          visit(output++, inputs);
        }
  return shape;
}
