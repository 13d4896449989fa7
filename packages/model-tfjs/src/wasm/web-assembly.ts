/** What we use of WebAssembly; TypeScript describes it only together with a browser. */
export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
}

interface WebAssemblyApi {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, WebAssemblyMemory>>>>,
  ) => { readonly exports: unknown };
}

const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

/** The exports of a module whose only import is the memory `env.memory`. */
export function instantiate(code: Uint8Array, memory: WebAssemblyMemory): unknown {
  return new Instance(new Module(code), { env: { memory } }).exports;
}
