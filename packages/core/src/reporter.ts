import type { ConceptBank } from './concept-extractor.ts';
import type { Split } from './dataset.ts';
import type { Attributions } from './explainer.ts';
import type { Scores } from './metric.ts';
import type { EpochRecord, EpochSelection, Numerics } from './model.ts';
import type { SparsityProof } from './sparsity-proof.ts';

/** Where in the study something comes from: node name, plugin type and one label per axis. */
export interface Origin {
  /** `prune[seed=1,sparsity=0.5]` */
  readonly instance: string;
  readonly node: string;
  readonly use: string;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Instance of the model that was measured or explained. Without it, labels tell. */
  readonly model?: string;
}

/** One artifact of the run, read from the store when asked for. */
export interface Entry<Value> {
  readonly origin: Origin;
  load(): Promise<Value>;
}

/** What is worth saying about a model without its weights. */
export interface ModelSummary {
  readonly architecture: string;
  readonly proof: SparsityProof;
  readonly history: readonly EpochRecord[];
  readonly numerics: Numerics;
  /** Absent where the last epoch's weights were kept. */
  readonly selected?: EpochSelection;
  readonly digest: string;
}

/** Who computed this, with what, from what. Plain JSON. */
export interface Provenance {
  readonly study: {
    readonly name: string;
    readonly digest: string;
    readonly profile: string | null;
    readonly text: string;
  };
  readonly params: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly command: string;
  readonly startedAt: string;
  readonly node: string;
  readonly platform: string;
  readonly numerics: Numerics | null;
  readonly plugins: readonly {
    readonly alias: string;
    readonly package: string;
    readonly version: string;
    readonly types: readonly {
      readonly type: string;
      readonly cacheVersion: string;
      readonly source: string;
      readonly url: string;
      /** How the code departs from its source. */
      readonly departures?: readonly string[];
    }[];
  }[];
  readonly datasets: Readonly<Record<string, string>>;
}

export interface ReportInputs {
  readonly provenance: Provenance;
  readonly models: readonly Entry<ModelSummary>[];
  readonly scores: readonly Entry<readonly Scores[]>[];
  readonly attributions: readonly Entry<Attributions>[];
  readonly concepts: readonly Entry<readonly ConceptBank[]>[];
  /** The images that were explained. */
  readonly images: Split;
}

/** Turns a run into files. Returns them by name (`report.html`, `results.parquet`). */
export interface Reporter {
  write(inputs: ReportInputs): Promise<ReadonlyMap<string, Uint8Array>>;
}
