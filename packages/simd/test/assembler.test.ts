import { assemble, type FunctionDefinition, four, i32, instantiate, one } from '@espalier/simd';
import { describe, expect, it } from 'vitest';

const { Memory } = (
  globalThis as unknown as { WebAssembly: { Memory: new (pages: { initial: number }) => { buffer: ArrayBuffer } } }
).WebAssembly; // TypeScript describes WebAssembly only together with a browser

/** Runs one function on a fresh memory that starts with `values`; returns as many values from there. */
function run(define: FunctionDefinition, values: readonly number[]): number[] {
  const memory = new Memory({ initial: 1 });
  const view = new Float32Array(memory.buffer);
  view.set(values);
  const { work } = instantiate(assemble({ work: define }), memory) as { work: () => void }; // as it was assembled
  work();
  return [...view.subarray(0, values.length)];
}

const start = i32.constant(0);

describe('assemble', () => {
  it.each([-1, 0, 1, 63, 64, 127, 128, 8191, 8192, 100_000])('repeats a body %i times, never fewer than none', (n) => {
    const count: FunctionDefinition = (body) => {
      body.repeat(i32.constant(n), () => one.store(body, start, one.add(one.load(start), one.load(start, 4))));
    };
    expect(run(count, [0, 1])).toEqual([Math.max(0, n), 1]);
  });

  it('numbers more locals than one byte can count', () => {
    const chain: FunctionDefinition = (body) => {
      let value = body.local(one.load(start));
      for (let i = 0; i < 300; i++) value = body.local(one.add(value, one.load(start, 4)));
      one.store(body, start, value);
    };
    expect(run(chain, [0, 1])).toEqual([300, 1]);
  });

  it('reads and writes at offsets longer than one byte', () => {
    const values = new Array<number>(100).fill(0).map((_, i) => i);
    const move: FunctionDefinition = (body) => four.store(body, start, four.load(start, 4 * 96), 4 * 40);
    expect(run(move, values).slice(40, 44)).toEqual([96, 97, 98, 99]);
  });
});

describe('lanes', () => {
  const values = [1.1, -2.3, Number.NaN, 0, 3.3, -0.7, 1e-30, 5e8];
  const [a, b] = [values, [...values.slice(3), ...values.slice(0, 3)]];

  it.each(['add', 'subtract', 'multiply', 'divide', 'largest'] as const)(
    '%s rounds alike on four and on one',
    (name) => {
      const byFour: FunctionDefinition = (body) => {
        for (const at of [0, 16])
          four.store(body, start, four[name](four.load(start, at), four.load(start, at + 32)), at);
      };
      const byOne: FunctionDefinition = (body) => {
        for (let at = 0; at < 32; at += 4) {
          one.store(body, start, one[name](one.load(start, at), one.load(start, at + 32)), at);
        }
      };
      expect(run(byFour, [...a, ...b])).toEqual(run(byOne, [...a, ...b]));
    },
  );

  it('add up in float64', () => {
    const accumulate: FunctionDefinition = (body) => {
      const value = body.local(four.load(start));
      four.accumulate(body, i32.constant(32), four.widen(value));
    };
    const memory = run(accumulate, [1, 2, 3, 1e-9, ...new Array<number>(12).fill(0)]);
    expect([...new Float64Array(Float32Array.from(memory).buffer, 32, 4)]).toEqual([1, 2, 3, Math.fround(1e-9)]);
  });
});
