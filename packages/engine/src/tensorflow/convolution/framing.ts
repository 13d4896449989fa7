import type { Window } from '../../ops.ts';
import type { NativeTensor, Runtime } from '../runtime.ts';
import { pad, slice } from '../shapes.ts';
import { padded } from './convolution-ops.ts';

/**
 * How a convolution with PyTorch's padding is asked of an op that only knows TensorFlow's two kinds of padding, and that leaves its
 * fast path on any other.
 *
 * `SAME` pads less before than after where the sum is odd. Then a row of zeros after the kernel's last makes it even, as in every
 * 3x3 of stride 2 on an even map. Where that does not help, the input gets a border.
 */
export interface Framing {
  readonly padding: 'SAME' | 'VALID';
  /** Zeros around the input. */
  readonly border: number;
  /** Rows and columns of zeros after the kernel's last. */
  readonly extra: readonly [rows: number, columns: number];
}

export function framingOf(input: readonly number[], kernel: readonly number[], window: Window): Framing {
  const none = [0, 0] as const;
  if (window.padding === 0) return { padding: 'VALID', border: 0, extra: none };
  const rows = extraFor(input[1]!, kernel[0]!, window);
  const columns = extraFor(input[2]!, kernel[1]!, window);
  if (rows === undefined || columns === undefined) return { padding: 'VALID', border: window.padding, extra: none };
  return { padding: 'SAME', border: 0, extra: [rows, columns] };
}

/** The zeros after a kernel of `size` with which `SAME` pads as the window says, if there are any. */
function extraFor(length: number, size: number, { stride, padding }: Window): number | undefined {
  const output = Math.floor((length + 2 * padding - size) / stride) + 1;
  if (output !== Math.ceil(length / stride)) return undefined;
  return [0, 1].find((extra) => {
    const around = Math.max(0, (output - 1) * stride + size + extra - length);
    return Math.floor(around / 2) === padding;
  });
}

/** The input as the framing wants it. */
export function framedInput(runtime: Runtime, x: NativeTensor, { border }: Framing): NativeTensor {
  return padded(runtime, x, border);
}

/** The kernel as the framing wants it. */
export function framedKernel(runtime: Runtime, kernel: NativeTensor, { extra }: Framing): NativeTensor {
  if (extra[0] + extra[1] === 0) return kernel;
  return pad(runtime, kernel, [
    [0, extra[0]],
    [0, extra[1]],
    [0, 0],
    [0, 0],
  ]);
}

/** The shape of a framed input. */
export function framedInputShape([n, h, w, c]: readonly number[], { border }: Framing): readonly number[] {
  return [n!, h! + 2 * border, w! + 2 * border, c!];
}

/** The shape of a framed kernel. */
export function framedKernelShape([h, w, c, m]: readonly number[], { extra }: Framing): readonly number[] {
  return [h! + extra[0], w! + extra[1], c!, m!];
}

/** The part of a gradient of a framed input that belongs to the input itself. */
export function unframedInput(
  runtime: Runtime,
  dx: NativeTensor,
  shape: readonly number[],
  { border }: Framing,
): NativeTensor {
  return border === 0 ? dx : slice(runtime, dx, [0, border, border, 0], shape);
}

/** The part of a gradient of a framed kernel that belongs to the kernel itself. */
export function unframedKernel(
  runtime: Runtime,
  dKernel: NativeTensor,
  shape: readonly number[],
  { extra }: Framing,
): NativeTensor {
  return extra[0] + extra[1] === 0 ? dKernel : slice(runtime, dKernel, [0, 0, 0, 0], shape);
}
