/** PyTorch's `[o, i, h, w]` as the engines' `[h, w, i, o]`. */
export function toHwio(kernel: Float32Array, [o, i, h, w]: readonly number[]): Float32Array {
  return swapped(kernel, o!, i!, h! * w!);
}

/** The engines' `[h, w, i, o]` as PyTorch's `[o, i, h, w]`; `shape` is PyTorch's. */
export function toOihw(kernel: Float32Array, [o, i, h, w]: readonly number[]): Float32Array {
  return swapped(kernel, h! * w!, i!, o!);
}

/** `[a, b, c]` as `[c, b, a]`. */
function swapped(values: Float32Array, a: number, b: number, c: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let k = 0; k < c; k++) {
    for (let j = 0; j < b; j++) {
      const target = (k * b + j) * a;
      for (let i = 0, from = j * c + k; i < a; i++, from += b * c) result[target + i] = values[from]!;
    }
  }
  return result;
}

/** PyTorch's dense `[o, i]` as `[i, o]`, or back with the sizes exchanged. */
export function transposed(values: Float32Array, [rows, columns]: readonly number[]): Float32Array {
  return swapped(values, rows!, 1, columns!);
}
