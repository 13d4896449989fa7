import { assemble, type FunctionBody, i32, instantiate, memoryOf, pair, type WebAssemblyMemory } from '@espalier/simd';

/** Rows of each factor that are multiplied at a time: 512 columns of both fit a core's own cache. */
export const blockRows = 32;
const [rowsOfX, rowsOfY] = [4, 2] as const;

/** Room for a block of rows of both factors, of `stride` columns each, and what multiplies them. */
export interface ProductKernel {
  /** `blockRows` rows of `stride`. */
  readonly x: Float64Array;
  /** `blockRows` rows of `stride`. */
  readonly y: Float64Array;
  readonly stride: number;
  /** Products of four rows of x, from `row` on, with two of y: in `sums`, those of the first row of x first. */
  multiply(row: number, rowOfY: number): void;
  readonly sums: Float64Array;
}

const sumBytes = 8 * rowsOfX * rowsOfY;
const code = assemble({ multiply: multiplyRows });
let memory: WebAssemblyMemory = memoryOf(1);
let run: (x: number, y: number, stride: number, pairs: number) => void;

/** A kernel for rows of `columns`. Its memory is that of the one before, where it is large enough: use one at a time. */
export function productKernel(columns: number): ProductKernel {
  const stride = columns + (columns % 2);
  const bytes = 8 * stride;
  const [atX, atY] = [sumBytes, sumBytes + blockRows * bytes];
  const needed = atY + blockRows * bytes;
  if (!run || memory.buffer.byteLength < needed) {
    memory = memoryOf(needed);
    run = (instantiate(code, memory) as { multiply: typeof run }).multiply; // as assembled
  }
  const { buffer } = memory;
  return {
    x: new Float64Array(buffer, atX, blockRows * stride),
    y: new Float64Array(buffer, atY, blockRows * stride),
    sums: new Float64Array(buffer, 0, rowsOfX * rowsOfY),
    stride,
    multiply: (row, rowOfY) => run(atX + row * bytes, atY + rowOfY * bytes, bytes, stride / 2),
  };
}

/** Two columns at a time; each value read serves several sums, which stay in registers. */
function multiplyRows(body: FunctionBody): void {
  const { x, y, stride, pairs } = body.integers('x', 'y', 'stride', 'pairs');
  const after = (first: typeof x, rows: number) => {
    const addresses = [body.local(first)];
    while (addresses.length < rows) addresses.push(body.local(i32.add(addresses.at(-1)!, stride)));
    return addresses;
  };
  const [ofX, ofY] = [after(x, rowsOfX), after(y, rowsOfY)];
  const zero = body.local(pair.zero());
  const sums = Array.from({ length: rowsOfX * rowsOfY }, () => body.local(zero));
  const values = ofY.map(() => body.local(zero));
  const value = body.local(zero);
  body.repeat(pairs, () => {
    ofY.forEach((address, k) => {
      body.set(values[k]!, pair.load(address));
    });
    ofX.forEach((address, row) => {
      body.set(value, pair.load(address));
      for (let k = 0; k < rowsOfY; k++) {
        const sum = sums[rowsOfY * row + k]!;
        body.set(sum, pair.add(sum, pair.multiply(value, values[k]!)));
      }
    });
    for (const address of [...ofX, ...ofY]) body.advance(address, 16);
  });
  sums.forEach((sum, i) => {
    pair.storeSum(body, i32.constant(0), sum, 8 * i);
  });
}
