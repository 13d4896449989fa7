import { describe, expect, test } from 'vitest';
import type { Ops, Tensor } from '../src/ops.ts';
import { activations } from './activations.ts';
import { expectSame, inputsOf, tolerances, type Values } from './engine-comparison.ts';
import { inEighths, type LayerCase, misuses, moves, products, rows, sums, windows } from './layer-cases.ts';
import { engines } from './support/tested-engines.ts';

const named = activations.map((f) => ({ name: Object.values(f).join(' '), f }));

function downloads(ops: Ops, tensors: Readonly<Record<string, Tensor>>): Values {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, ops.download(tensor)]));
}

describe.each(engines)('$name keeps to the formulas$reason', ({ ops: engine }) => {
  const ops = engine!; // only used where the tests below are not skipped
  const dtypes = (['float32', 'bfloat16'] as const).filter((dtype) => dtype === 'float32' || engine?.hasBfloat16);

  describe.each(dtypes)('%s', (dtype) => {
    const agree = (work: LayerCase[1], tolerance = tolerances[dtype]) =>
      expectSame(ops, (each) => each.scope(() => downloads(each, work(each, inputsOf(each, dtype)))), tolerance);

    test.skipIf(!engine).each(moves)('%s, exactly', (_, work) => {
      agree((each, make) => work(each, (label, shape) => make(label, shape, inEighths)), 1e-9);
    });

    test.skipIf(!engine).each([...sums, ...products])('%s', (_, work) => agree(work));

    test.skipIf(!engine).each(rows)('%s', (_, work) => agree(work, dtype === 'float32' ? 1e-5 : 2e-2));

    test.skipIf(!engine).each(named)('$name and its gradient', ({ f }) => {
      agree((each, make) => {
        const x = make('x', [50, 7], (normal) => inEighths(2 * normal)); // meets the bounds
        return { y: each.activate(x, f), dx: each.activateGradient(make('dy', [50, 7]), x, f) };
      });
    });

    test.skipIf(!engine).each(windows)('depthwise convolution, $name', ({ h, w, c, m, size, ...window }) => {
      agree((each, make) => {
        const [x, kernel] = [make('x', [2, h, w, c]), make('kernel', [...size, c, m])];
        const bias = make('bias', [c * m]);
        const y = each.convolveDepthwise(x, kernel, window);
        const dy = make('dy', y.shape);
        return {
          y,
          relu: each.convolveDepthwise(x, kernel, window, { bias, relu: true }),
          clipped: each.convolveDepthwise(x, kernel, window, { bias, activation: activations[0]! }),
          silu: each.convolveDepthwise(x, kernel, window, { activation: { kind: 'silu' } }),
          dx: each.convolveDepthwiseInputGradient(dy, kernel, window, x.shape),
          dKernel: each.convolveDepthwiseKernelGradient(dy, x, window, kernel.shape),
        };
      });
    });

    test.skipIf(!engine)('convolution ends with any activation', () => {
      agree((each, make) => {
        const [x, kernel, bias] = [make('x', [2, 4, 5, 3]), make('kernel', [3, 3, 3, 4]), make('bias', [4])];
        const window = { stride: 1, padding: 1 };
        const residual = make('residual', [2, 4, 5, 4]);
        const results = activations.flatMap((activation, i) => [
          [`biased ${i}`, each.convolve(x, kernel, window, { bias, activation })] as const,
          [`whole ${i}`, each.convolve(x, kernel, window, { bias, residual, activation })] as const,
          [`alone ${i}`, each.convolve(x, kernel, window, { activation })] as const,
        ]);
        return Object.fromEntries(results);
      }, 3 * tolerances[dtype]); // a clipped result is smaller than what was rounded
    });

    test.skipIf(!engine)('a product of matrices ends with any activation', () => {
      agree((each, make) => {
        const [x, kernel, bias] = [make('x', [5, 7]), make('kernel', [7, 6]), make('bias', [6])];
        const flipped = make('flipped', [6, 7]);
        const results = activations.flatMap((activation, i) => [
          [`biased ${i}`, each.matmul(x, kernel, {}, { bias, activation })] as const,
          [`flipped ${i}`, each.matmul(x, flipped, { b: true }, { bias, activation })] as const,
          [`alone ${i}`, each.matmul(x, kernel, {}, { activation })] as const,
        ]);
        return { ...Object.fromEntries(results), relu: each.matmul(x, kernel, {}, { bias, relu: true }) };
      }, 3 * tolerances[dtype]);
    });

    test.skipIf(!engine)('a depthwise convolution gives the same every time, with few channels', () => {
      const once = () =>
        ops.scope(() => {
          const make = inputsOf(ops, dtype);
          const [x, kernel, dy] = [make('x', [3, 9, 8, 5]), make('kernel', [3, 3, 5, 1]), make('dy', [3, 5, 4, 5])];
          const window = { stride: 2, padding: 1 };
          return [
            ops.convolveDepthwise(x, kernel, window),
            ops.convolveDepthwiseInputGradient(dy, kernel, window, x.shape),
            ops.convolveDepthwiseKernelGradient(dy, x, window, kernel.shape),
          ].map((tensor) => ops.download(tensor));
        });
      const first = once();
      for (let run = 0; run < 20; run++) expect(once()).toEqual(first);
    });
  });

  test.skipIf(!engine).each(misuses)('refuses %s', (_, shapes, work) => {
    ops.scope(() => {
      const tensors = shapes.map((shape, i) => inputsOf(ops, 'float32')(`misused ${i}`, shape));
      expect(() => work(ops, ...tensors)).toThrow(expect.objectContaining({ code: 'core/shape-mismatch' }));
    });
  });

  test.skipIf(!engine)('the far ends of the activations are finite and right', () => {
    const ends = Float32Array.of(-1e15, -200, -90, -20, -9, -6, -3, 0, 3, 6, 9, 20, 90, 200, 1e15);
    for (const { f } of named) {
      expectSame(
        ops,
        (each) =>
          each.scope(() => {
            const [x, dy] = [each.upload(ends, [15]), each.upload(new Float32Array(15).fill(1), [15])];
            const y = each.download(each.activate(x, f));
            expect(y.every(Number.isFinite)).toBe(true);
            return {
              y: y.map((value) => value / Math.max(1, Math.abs(value))),
              dx: each.download(each.activateGradient(dy, x, f)),
            };
          }),
        1e-6,
      );
    }
  });
});
