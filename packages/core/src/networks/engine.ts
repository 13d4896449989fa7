/** One thing that `espalier doctor` found, and what to do about it. */
export interface EngineReport {
  /** The engine that would be used: `tensorflow` or `wasm`. */
  readonly engine: string;
  readonly version: string;
  /** CPU features the engine uses, for example `avx512_bf16`. */
  readonly cpuFeatures: readonly string[];
  readonly cores: number;
  /** Name of the GPU in use, or null. */
  readonly gpu: string | null;
  /** Where the native library was found, or why it was not. */
  readonly native: { readonly path: string | null; readonly problem: string | null };
  /** Sentences: what to do to go faster; empty when nothing helps. */
  readonly advice: readonly string[];
}

/** Which native library is installed, and whether one that works is replaced. */
export interface NativeInstallOptions {
  /** Take the CUDA wheel instead of the CPU one. */
  readonly gpu: boolean;
  /** Install again even if a working one is there. */
  readonly force: boolean;
  /** One line per step. */
  readonly log: (line: string) => void;
}

/** What a package that computes tells and does about its engine; `espalier doctor` and `espalier native` call it. */
export interface Engine {
  inspect(): Promise<EngineReport>;
  /** @throws StudyError `native-tensorflow/install-failed`, with one sentence that says what is missing. */
  install(
    options: NativeInstallOptions,
  ): Promise<{ readonly changed: boolean; readonly path: string; readonly version: string }>;
}
