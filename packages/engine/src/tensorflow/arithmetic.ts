import type { NativeTensor, Runtime } from './runtime.ts';

/** Float32 arithmetic on tensors and numbers, for formulas of several steps. Results stay in the open scope. */
export class Arithmetic {
  readonly #runtime: Runtime;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  unary(
    op: 'Relu' | 'Relu6' | 'Sigmoid' | 'Tanh' | 'Erfc' | 'Exp' | 'Square' | 'Rsqrt',
    x: NativeTensor,
  ): NativeTensor {
    return this.#run(op, x);
  }

  /** TensorFlow's own kernel for a derivative; relus take `(dy, x)`, the others `(y, dy)`. */
  gradient(of: 'Relu' | 'Relu6' | 'Sigmoid' | 'Tanh', a: NativeTensor, b: NativeTensor): NativeTensor {
    return this.#run(`${of}Grad`, a, b);
  }

  add(a: NativeTensor, b: NativeTensor | number): NativeTensor {
    return this.#run('AddV2', a, b);
  }

  subtract(a: NativeTensor | number, b: NativeTensor | number): NativeTensor {
    return this.#run('Sub', a, b);
  }

  multiply(a: NativeTensor, b: NativeTensor | number): NativeTensor {
    return this.#run('Mul', a, b);
  }

  clip(x: NativeTensor, least: number, most: number): NativeTensor {
    return this.#run('Minimum', this.#run('Maximum', x, least), most);
  }

  isGreater(a: NativeTensor | number, b: NativeTensor | number): NativeTensor {
    return this.#run('Greater', a, b);
  }

  isBetween(x: NativeTensor, least: number, most: number): NativeTensor {
    const [above, below] = [this.isGreater(x, least), this.isGreater(most, x)];
    return this.#runtime.run('LogicalAnd', [], [above, below]);
  }

  where(condition: NativeTensor, a: NativeTensor, otherwise: NativeTensor | number): NativeTensor {
    return this.#runtime.run('SelectV2', [this.#runtime.type('T', 'float32')], [condition, a, this.#tensor(otherwise)]);
  }

  /** Means along the last axis, which stays with length 1. */
  rowMeans(x: NativeTensor): NativeTensor {
    return this.#reduceRows('Mean', x);
  }

  rowSums(x: NativeTensor): NativeTensor {
    return this.#reduceRows('Sum', x);
  }

  #reduceRows(op: 'Mean' | 'Sum', x: NativeTensor): NativeTensor {
    const runtime = this.#runtime;
    const attributes = [runtime.type('T', 'float32'), runtime.type('Tidx', 'int32'), runtime.bool('keep_dims', true)];
    return runtime.run(op, attributes, [x, runtime.integers([x.shape.length - 1])]);
  }

  #run(op: string, ...values: readonly (NativeTensor | number)[]): NativeTensor {
    const type = this.#runtime.type('T', 'float32');
    return this.#runtime.run(
      op,
      [type],
      values.map((value) => this.#tensor(value)),
    );
  }

  #tensor(value: NativeTensor | number): NativeTensor {
    return typeof value === 'number' ? this.#runtime.scalar(value) : value;
  }
}
