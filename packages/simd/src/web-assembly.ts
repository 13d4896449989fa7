/** What we use of WebAssembly; TypeScript describes it only together with a browser. */
export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
}

interface WebAssemblyApi {
  readonly Memory: new (size: { readonly initial: number }) => WebAssemblyMemory;
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, WebAssemblyMemory>>>>,
  ) => { readonly exports: unknown };
}

const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

/**
 * The exports of a module whose only import is the memory `env.memory`.
 * @param code the bytes of the module
 */
export function instantiate(code: Uint8Array, memory: WebAssemblyMemory): unknown {
  return new Instance(new Module(code), { env: { memory } }).exports;
}

/** A memory of zeros with room for at least `bytes`. It never grows, so views of its buffer stay valid. */
export function memoryOf(bytes: number): WebAssemblyMemory {
  return new Memory({ initial: Math.ceil(bytes / 65536) });
}
