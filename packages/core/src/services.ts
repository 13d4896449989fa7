/** Which engine computes, and in which arithmetic. `auto` takes TensorFlow where it is installed, else wasm. */
export interface ComputeOptions {
  readonly engine: 'auto' | 'tensorflow' | 'wasm';
  readonly inference: 'exact' | 'fast';
  readonly training: 'exact' | 'fast';
}

/** How far something has come that takes long. */
export interface Progress {
  /** May be a fraction, where part of a unit is done. */
  readonly done: number;
  readonly total: number;
  /** What is counted, for example `images`. */
  readonly unit: string;
  /** A short remark beside the count, for example `epoch 3/8, loss 1.204`. */
  readonly note?: string;
}

/** What the host gives a plugin when it creates it. Plugins take nothing else from their surroundings. */
export interface Services {
  readonly compute: ComputeOptions;
  /** The instance's seed, derived from the study's seed, the node type and the axis labels: another one in every arm. */
  readonly seed: number;
  /**
   * A seed without the labels: derived from the study's seed and the node type, so the same in every arm. Noise that is drawn from
   * it, by sample id (`sampleStreams`), is the same for a sample in all arms, and their difference is that of the models. For
   * plugins that say `usesSeed: 'paired'`; to others it is an error.
   */
  readonly pairedSeed: number;
  /** The study's folder: relative paths in options start here. */
  readonly folder: string;
  /** A folder for downloads and other things worth keeping between studies. */
  readonly cacheFolder: string;
  /**
   * True where a study is only looked at: nothing may be fetched. What would have to be throws a StudyError `core/not-downloaded`, whose
   * text says what a run would fetch.
   */
  readonly offline?: boolean | undefined;
  readonly log: (line: string) => void;
  readonly progress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

/** Services for tests, scripts and plain programs: silent, in the current folder, seeds 0. */
export function plainServices(changes: Partial<Services> = {}): Services {
  return {
    compute: { engine: 'auto', inference: 'exact', training: 'exact' },
    seed: 0,
    pairedSeed: 0,
    folder: '.',
    cacheFolder: '.espalier/cache',
    log: () => {},
    progress: () => {},
    signal: new AbortController().signal,
    ...changes,
  };
}
