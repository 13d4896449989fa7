import type { PoolWindow, Window } from '../ops.ts';
import { expectCounts, mismatch, shown } from './expect-shape.ts';

type Shape = readonly number[];

/** The shape of a convolution's result. @throws StudyError `core/shape-mismatch` */
export function convolvedShape(x: Shape, kernel: Shape, window: Window): Shape {
  const [kernelHeight, kernelWidth, inputs, outputs] = expectFour(kernel, 'A kernel');
  const [n, height, width, channels] = expectFour(x, 'An activation');
  const size = [outputLength(height, kernelHeight, window), outputLength(width, kernelWidth, window)] as const;
  if (channels === inputs && size[0] > 0 && size[1] > 0) return [n, ...size, outputs];
  throw mismatch(
    `A kernel of shape ${shown(kernel)} with padding ${window.padding} does not fit an input of shape ${shown(x)}.`,
  );
}

/** The shape of a depthwise convolution's result. @throws StudyError `core/shape-mismatch` */
export function depthwiseShape(x: Shape, kernel: Shape, window: Window): Shape {
  const [, , channels, each] = expectFour(kernel, 'A kernel');
  return convolvedShape(x, kernel, window).with(3, channels * each);
}

/** The shape of a pool's result. @throws StudyError `core/shape-mismatch` */
export function pooledShape(x: Shape, { height, width, ...window }: PoolWindow): Shape {
  const [, , , channels] = expectFour(x, 'An activation');
  return convolvedShape(x, [height, width, channels, channels], window);
}

export function expectFour(shape: Shape, what: string): readonly [number, number, number, number] {
  if (shape.length === 4) return shape as readonly [number, number, number, number]; // counted
  throw mismatch(`${what} has four axes, found shape ${shown(shape)}.`);
}

function outputLength(length: number, size: number, { stride, padding }: Window): number {
  expectCounts([stride, size], 1, 'The stride and the size of a window');
  expectCounts([padding], 0, 'The padding of a window');
  return Math.floor((length + 2 * padding - size) / stride) + 1;
}
