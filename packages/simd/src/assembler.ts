/** WebAssembly's types of values. `v128` holds four float32 or two float64. */
export type ValueType = 'i32' | 'f32' | 'f64' | 'v128';

/** Code that leaves one value on the stack. */
export interface Expression<Type extends ValueType = ValueType> {
  readonly type: Type;
  readonly code: readonly number[];
}

/** A local variable or parameter; used as an expression, it is read. */
export interface Local<Type extends ValueType = ValueType> extends Expression<Type> {
  readonly index: number;
}

const typeCodes: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/**
 * The body of one function that returns nothing. Statements append to it in the order of the calls. Loops run
 * while their count is positive, so that a count of zero is harmless.
 */
export class FunctionBody {
  readonly parameters: ValueType[] = [];
  readonly #locals: ValueType[] = [];
  readonly #code: number[] = [];

  /** The next parameter; all parameters come before the first `local`. */
  parameter<Type extends ValueType>(type: Type): Local<Type> {
    this.parameters.push(type);
    return local(type, this.parameters.length - 1);
  }

  /** Several parameters of type i32: addresses in bytes, and counts. */
  integers<const Names extends readonly string[]>(...names: Names): { readonly [Name in Names[number]]: Local<'i32'> } {
    const entries = names.map((name) => [name, this.parameter('i32')] as const);
    return Object.fromEntries(entries) as { [Name in Names[number]]: Local<'i32'> }; // the entries are the names
  }

  local<Type extends ValueType>(initial: Expression<Type>): Local<Type> {
    this.#locals.push(initial.type);
    const made = local(initial.type, this.parameters.length + this.#locals.length - 1);
    this.set(made, initial);
    return made;
  }

  set<Type extends ValueType>(target: Local<Type>, value: Expression<Type>): void {
    this.emit(...value.code, 0x21, ...unsigned(target.index));
  }

  /** Moves an address or a count by `amount`. */
  advance(target: Local<'i32'>, amount: Expression<'i32'> | number): void {
    this.set(target, i32.add(target, typeof amount === 'number' ? i32.constant(amount) : amount));
  }

  repeat(count: Expression<'i32'>, body: () => void): void {
    const left = this.local(count);
    this.emit(...block, ...left.code, ...i32.constant(0).code, ...lessOrEqual, ...branchIf);
    this.emit(...loop);
    body();
    this.emit(...left.code, ...i32.constant(1).code, ...subtract, 0x22, ...unsigned(left.index), ...branchIf);
    this.emit(...end, ...end);
  }

  emit(...code: readonly number[]): void {
    for (const byte of code) this.#code.push(byte);
  }

  encode(): readonly number[] {
    const locals = this.#locals.map((type) => [1, typeCodes[type]]);
    return sized([...vector(locals), ...this.#code, ...end]);
  }
}

const block = [0x02, 0x40];
const loop = [0x03, 0x40];
const branchIf = [0x0d, 0];
const end = [0x0b];
const lessOrEqual = [0x4c];
const subtract = [0x6b];

/** Expressions of 32-bit integers: addresses and counts. */
export const i32 = {
  constant: (value: number): Expression<'i32'> => ({ type: 'i32', code: [0x41, ...signed(value)] }),
  add: (a: Expression<'i32'>, b: Expression<'i32'>) => expression('i32', a, b, [0x6a]),
};

/** An expression of `parts` in order: operands first, then the instruction. */
export function expression<Type extends ValueType>(
  type: Type,
  ...parts: readonly (Expression | readonly number[])[]
): Expression<Type> {
  return { type, code: parts.flatMap((part) => ('code' in part ? part.code : part)) };
}

/** The memory argument of a load or store: no promise of alignment, and a constant offset in bytes. */
export function memoryArgument(offset: number): readonly number[] {
  return [0, ...unsigned(offset)];
}

/** A function of a module: its exported name, and what writes its body. */
export type FunctionDefinition = (body: FunctionBody) => void;

/**
 * A module that imports the memory `env.memory` and exports `functions` by name.
 * @returns the bytes of the module
 */
export function assemble(functions: Readonly<Record<string, FunctionDefinition>>): Uint8Array<ArrayBuffer> {
  const bodies = Object.values(functions).map((define) => {
    const body = new FunctionBody();
    define(body);
    return body;
  });
  const signatures = bodies.map(({ parameters }) => [
    0x60,
    ...vector(parameters.map((type) => [typeCodes[type]])),
    0, // no results
  ]);
  const exported = Object.keys(functions).map((name, i) => [...text(name), 0, ...unsigned(i)]);
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
    ...section(1, signatures),
    ...section(2, [[...text('env'), ...text('memory'), 2, 0, 0]]),
    ...section(
      3,
      bodies.map((_, i) => unsigned(i)),
    ),
    ...section(7, exported),
    ...section(
      10,
      bodies.map((body) => body.encode()),
    ),
  ]);
}

function local<Type extends ValueType>(type: Type, index: number): Local<Type> {
  return { type, index, code: [0x20, ...unsigned(index)] };
}

function section(id: number, entries: readonly (readonly number[])[]): readonly number[] {
  return [id, ...sized(vector(entries))];
}

function vector(entries: readonly (readonly number[])[]): readonly number[] {
  return [...unsigned(entries.length), ...entries.flat()];
}

function sized(code: readonly number[]): readonly number[] {
  return [...unsigned(code.length), ...code];
}

function text(value: string): readonly number[] {
  return sized([...new TextEncoder().encode(value)]);
}

/** LEB128. */
export function unsigned(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): readonly number[] {
  const rest = value >> 7;
  const isLast = value >= -0x40 && value < 0x40;
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(rest)];
}
