import type { Activation } from '../ops.ts';
import type { FloatBuffer, Heap } from './heap.ts';
import type { CurveName } from './kernels/activation-kernels.ts';

/** f of every value. */
export function activate(heap: Heap, x: FloatBuffer, f: Activation): FloatBuffer {
  using numbers = heap.from(numbersOf(f));
  const y = heap.allocate(x.count);
  heap.kernels[curveName(f)](x.address, y.address, numbers.address, x.vectors);
  return y;
}

/** `dy f'(x)` */
export function activateGradient(heap: Heap, dy: FloatBuffer, x: FloatBuffer, f: Activation): FloatBuffer {
  using numbers = heap.from(numbersOf(f));
  const dx = heap.allocate(x.count);
  heap.kernels[`${curveName(f)}Gradient`](dy.address, x.address, dx.address, numbers.address, x.vectors);
  return dx;
}

function curveName(f: Activation): CurveName {
  return f.kind === 'gelu' ? `gelu-${f.approximation}` : f.kind;
}

/** The options of a function, as its kernels find them: always two numbers. */
function numbersOf(f: Activation): readonly number[] {
  if (f.kind === 'clip') return [f.least, f.most];
  return f.kind === 'hard-sigmoid' ? [f.slope, f.offset] : [0, 0];
}
