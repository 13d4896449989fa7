/** Sizes of one image, row-major `h w c`. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

// scipy.ndimage's default: beyond four standard deviations a Gaussian holds 6e-5 of its mass.
const truncate = 4;

/**
 * The image convolved with a Gaussian, rows then columns; what lies outside mirrors what lies inside, edge pixel
 * included (`d c b a | a b c d | d c b a`). As `scipy.ndimage.gaussian_filter` does it by default.
 *
 * @param sigma standard deviation in pixels, > 0
 */
export function gaussianBlur(image: Float32Array, size: ImageSize, sigma: number): Float32Array {
  const { height, width, channels } = size;
  const kernel = gaussianKernel(sigma);
  const rows = convolveLines(image, kernel, {
    lines: height,
    length: width,
    stride: channels,
    lineStride: width * channels,
    channels,
  });
  return convolveLines(rows, kernel, {
    lines: width,
    length: height,
    stride: width * channels,
    lineStride: channels,
    channels,
  });
}

interface Lines {
  /** Number of rows or columns. */
  readonly lines: number;
  /** Pixels of each. */
  readonly length: number;
  /** Steps in the array from one pixel of a line to the next, and from one line to the next. */
  readonly stride: number;
  readonly lineStride: number;
  readonly channels: number;
}

function convolveLines(
  image: Float32Array,
  kernel: Float64Array,
  { lines, length, stride, lineStride, channels }: Lines,
): Float32Array {
  const radius = (kernel.length - 1) / 2;
  const out = new Float32Array(image.length);
  const source = Int32Array.from({ length: length + 2 * radius }, (_, i) => mirror(i - radius, length) * stride);
  for (let line = 0; line < lines; line++) {
    for (let c = 0; c < channels; c++) {
      const start = line * lineStride + c;
      for (let i = 0; i < length; i++) {
        let sum = 0;
        for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * image[start + source[i + k]!]!;
        out[start + i * stride] = sum;
      }
    }
  }
  return out;
}

function gaussianKernel(sigma: number): Float64Array {
  const radius = Math.floor(truncate * sigma + 0.5);
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / sigma) ** 2));
  const sum = kernel.reduce((total, value) => total + value, 0);
  return kernel.map((value) => value / sum);
}

/** Where the position `i`, which may lie outside, falls in a line of `length` mirrored at its edges. */
function mirror(i: number, length: number): number {
  const folded = ((i % (2 * length)) + 2 * length) % (2 * length);
  return folded < length ? folded : 2 * length - 1 - folded;
}
