import type { PixelImage, RandomStream } from '@espalier/core';

/** A rectangle of an image in pixels. */
export interface CropBox {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Which rectangles a random crop draws: `scale` is the area kept, `ratio` is width over height. */
export interface CropRange {
  /** Smallest and largest fraction of the area, in (0, 1]. */
  readonly scale: readonly [number, number];
  /** Smallest and largest width over height; drawn log-uniformly. */
  readonly ratio: readonly [number, number];
}

const attempts = 10;

/**
 * A rectangle inside an image of `height` x `width`, as torchvision's RandomResizedCrop draws it: uniform area,
 * log-uniform ratio, ten tries, then the largest centred rectangle whose ratio is allowed.
 *
 * Source: torchvision.transforms.RandomResizedCrop.get_params. The numbers come from another generator.
 */
export function randomCropBox(stream: RandomStream, height: number, width: number, range: CropRange): CropBox {
  const [logLow, logHigh] = [Math.log(range.ratio[0]), Math.log(range.ratio[1])];
  for (let attempt = 0; attempt < attempts; attempt++) {
    const area = height * width * between(stream, range.scale[0], range.scale[1]);
    const ratio = Math.exp(between(stream, logLow, logHigh));
    const cropWidth = Math.round(Math.sqrt(area * ratio));
    const cropHeight = Math.round(Math.sqrt(area / ratio));
    if (cropWidth < 1 || cropHeight < 1 || cropWidth > width || cropHeight > height) continue;
    const top = stream.integer(height - cropHeight + 1);
    return { top, left: stream.integer(width - cropWidth + 1), height: cropHeight, width: cropWidth };
  }
  return centredCropBox(height, width, range.ratio);
}

/** The largest centred rectangle whose width over height lies in `ratio`. */
function centredCropBox(height: number, width: number, ratio: readonly [number, number]): CropBox {
  const found = width / height;
  const cropHeight = found < ratio[0] ? Math.round(width / ratio[0]) : height;
  const cropWidth = found > ratio[1] ? Math.round(height * ratio[1]) : width;
  return {
    top: Math.floor((height - cropHeight) / 2),
    left: Math.floor((width - cropWidth) / 2),
    height: cropHeight,
    width: cropWidth,
  };
}

function between(stream: RandomStream, low: number, high: number): number {
  return low + (high - low) * stream.uniform();
}

/** For each output place, which input places it sums and with which weights. */
interface Taps {
  /** First input place of each output place. */
  readonly start: Int32Array;
  /** How many weights are kept per output place; unused ones are 0. */
  readonly width: number;
  /** `width` weights per output place, summing to 1. */
  readonly weights: Float64Array;
}

/**
 * Resizes the part `box` of `image` to `height` x `width` and writes it to `out` at `offset`, as `h w c` values in
 * [0, 1]; mirrored left to right when `flip`.
 *
 * Bilinear; where it shrinks, the triangle is widened by the factor (antialias), and pixels outside the box are
 * never read: what torchvision and Pillow compute, without their rounding between the two passes. A box of the
 * asked size is copied exactly.
 */
export function resizeCrop(
  image: PixelImage,
  box: CropBox,
  { height, width, flip = false }: { readonly height: number; readonly width: number; readonly flip?: boolean },
  out: Float32Array,
  offset = 0,
): void {
  const columns = triangleTaps(box.width, width);
  const lines = triangleTaps(box.height, height);
  const narrow = resizeColumns(image, box, flip ? mirrored(columns) : columns, width);
  resizeLines(narrow, lines, 3 * width, out, offset);
}

/** The whole of `image` resized to `height` x `width` bytes, rounded half up. See {@link resizeCrop}. */
export function resizePixels(image: PixelImage, height: number, width: number): PixelImage {
  if (image.height === height && image.width === width) return image;
  const values = new Float32Array(3 * height * width);
  resizeCrop(image, { top: 0, left: 0, height: image.height, width: image.width }, { height, width }, values);
  const data = new Uint8Array(values.length);
  for (let i = 0; i < data.length; i++) data[i] = 255 * values[i]! + 0.5;
  return { height, width, data };
}

function triangleTaps(inputSize: number, outputSize: number): Taps {
  const step = inputSize / outputSize;
  const reach = Math.max(step, 1);
  const width = Math.min(inputSize, Math.max(fewTaps, Math.ceil(2 * reach)));
  const start = new Int32Array(outputSize);
  const weights = new Float64Array(outputSize * width);
  for (let i = 0; i < outputSize; i++) {
    const centre = (i + 0.5) * step - 0.5;
    // Starting early enough that all `width` places exist keeps the inner loops free of bounds.
    const first = Math.min(Math.max(0, Math.floor(centre - reach) + 1), inputSize - width);
    start[i] = first;
    let sum = 0;
    for (let j = 0; j < width; j++) {
      const weight = Math.max(0, 1 - Math.abs(first + j - centre) / reach);
      weights[i * width + j] = weight;
      sum += weight;
    }
    for (let j = 0; j < width; j++) weights[i * width + j]! /= sum;
  }
  return { start, width, weights };
}

function mirrored({ start, width, weights }: Taps): Taps {
  const count = start.length;
  const back = new Float64Array(weights.length);
  for (let i = 0; i < count; i++) back.set(weights.subarray(i * width, (i + 1) * width), (count - 1 - i) * width);
  return { start: start.slice().reverse(), width, weights: back };
}

let scratch = new Float32Array(0);

/** Every line of the box at its new width, in bytes' scale. The result is reused by the next call. */
function resizeColumns(image: PixelImage, box: CropBox, taps: Taps, width: number): Float32Array {
  const size = box.height * width * 3;
  if (scratch.length < size) scratch = new Float32Array(size);
  const resizeLine = taps.width === fewTaps ? resizeLineFewTaps : resizeLineAnyTaps;
  for (let y = 0; y < box.height; y++) {
    resizeLine(image.data, ((box.top + y) * image.width + box.left) * 3, taps, scratch, y * width * 3);
  }
  return scratch;
}

// Enlarging takes two taps and shrinking by at most 1.5 three: nearly every crop. Unrolled, it is twice as fast.
const fewTaps = 3;

function resizeLineFewTaps(data: Uint8Array, line: number, taps: Taps, out: Float32Array, at: number): void {
  const { start, weights } = taps;
  for (let x = 0; x < start.length; x++) {
    const from = line + 3 * start[x]!;
    const [a, b, c] = [weights[3 * x]!, weights[3 * x + 1]!, weights[3 * x + 2]!];
    const to = at + 3 * x;
    out[to] = a * data[from]! + b * data[from + 3]! + c * data[from + 6]!;
    out[to + 1] = a * data[from + 1]! + b * data[from + 4]! + c * data[from + 7]!;
    out[to + 2] = a * data[from + 2]! + b * data[from + 5]! + c * data[from + 8]!;
  }
}

function resizeLineAnyTaps(data: Uint8Array, line: number, taps: Taps, out: Float32Array, at: number): void {
  const { start, width: count, weights } = taps;
  for (let x = 0; x < start.length; x++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let from = line + 3 * start[x]!;
    for (let j = x * count; j < (x + 1) * count; j++) {
      const weight = weights[j]!;
      red += weight * data[from]!;
      green += weight * data[from + 1]!;
      blue += weight * data[from + 2]!;
      from += 3;
    }
    const to = at + 3 * x;
    out[to] = red;
    out[to + 1] = green;
    out[to + 2] = blue;
  }
}

function resizeLines(lines: Float32Array, taps: Taps, length: number, out: Float32Array, offset: number): void {
  const { start, width: count, weights } = taps;
  for (let y = 0; y < start.length; y++) {
    const own = weights.subarray(y * count, (y + 1) * count);
    const from = lines.subarray(start[y]! * length, (start[y]! + count) * length);
    sumLines(from, own, length, out.subarray(offset + y * length, offset + (y + 1) * length));
  }
}

/** Writes the weighted sum of `weights.length` lines, over 255, to `out`. */
function sumLines(lines: Float32Array, weights: Float64Array, length: number, out: Float32Array): void {
  if (weights.length < fewTaps) out.fill(0);
  else {
    const [a, b, c] = [weights[0]! / 255, weights[1]! / 255, weights[2]! / 255];
    for (let i = 0; i < length; i++) out[i] = a * lines[i]! + b * lines[length + i]! + c * lines[2 * length + i]!;
  }
  for (let j = weights.length < fewTaps ? 0 : fewTaps; j < weights.length; j++) {
    const weight = weights[j]! / 255;
    const line = lines.subarray(j * length, (j + 1) * length);
    for (let i = 0; i < length; i++) out[i]! += weight * line[i]!;
  }
}
