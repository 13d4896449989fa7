import { expect, it } from 'vitest';
import { Heap } from '../src/wasm/heap.ts';
import { matmul } from '../src/wasm/matmul.ts';
import { openTfjsModule } from '../src/wasm/tfjs-module.ts';
import { openWasmOps } from '../src/wasm/wasm-ops.ts';

it('says what to do when the memory is used up', async () => {
  const { tfjs } = await openTfjsModule();
  const heap = new Heap({ ...tfjs, _malloc: () => 0 });
  expect(() => heap.allocate(1000)).toThrow(
    /^The wasm engine needs 4064 bytes more, but a WebAssembly memory ends at 4 GB and \d+ bytes are reserved. Use smaller batches or the tensorflow engine.$/,
  );
});

it('leaves the process as it was: no listener that turns every uncaught error into exit code 7', async () => {
  const count = () => ['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event));
  const before = count();
  const ops = await openWasmOps();
  expect(count()).toEqual(before);
  expect([ops.engine, ops.version, ops.hasBfloat16]).toEqual(['wasm', '4.22.0', false]);
});

it('multiplies by a matrix of 256 MB without a copy of it, the same transposed', async () => {
  const { tfjs } = await openTfjsModule();
  const heap = new Heap(tfjs);
  const [depth, columns] = [2 ** 16, 2 ** 10];
  // Few values differ from zero: their products are known, and filling takes no time.
  const ones = [7, 1024, depth - 1];
  const [right, rightTransposed] = [heap.zeros(depth * columns), heap.zeros(depth * columns)];
  for (const [i, row] of ones.entries()) {
    right.values[row * columns + i] = i + 1;
    rightTransposed.values[i * depth + row] = i + 1;
  }
  const left = heap.from(Float32Array.from({ length: depth }, (_, i) => (i % 3) + 1));
  const { reserved } = heap.usage;
  const sizes = { count: 1, rows: 1, depth, columns, shape: [1, columns] };
  const expected = [...ones.entries()].map(([i, row]) => ((row % 3) + 1) * (i + 1));
  for (const [b, transpose] of [
    [right, {}],
    [rightTransposed, { b: true }],
  ] as const) {
    using product = matmul(heap, left, b, sizes, transpose);
    expect([...product.values.subarray(0, 4)]).toEqual([...expected, 0]);
  }
  expect(heap.usage.reserved - reserved).toBeLessThan(2 ** 26);
});
