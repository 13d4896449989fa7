import type { ConceptBank } from './concept-extractor.ts';
import type { Split } from './dataset.ts';
import type { Attributions } from './explaining/explainer.ts';
import type { Labelled } from './label.ts';
import type { Scores } from './metric.ts';
import type { EpochRecord, EpochSelection, Numerics } from './networks/model.ts';
import type { SparsityProof } from './networks/sparsity-proof.ts';

/** Where in the study something comes from: node name, plugin type and one label per axis. */
export interface Origin {
  /** `prune[seed=1,sparsity=0.5]` */
  readonly instance: string;
  readonly node: string;
  readonly use: string;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Instance of the model that was measured or explained. Without it, labels tell. */
  readonly model?: string;
  /** It was measured against a baseline that is itself: what it says of the difference is so by construction. */
  readonly isBaseline?: true;
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
  /** Of all that the store keeps of the model, the way it was made included. */
  readonly digest: string;
  /** SHA-256 of architecture, weights as evaluated and masks: models that have it alike are one network. */
  readonly networkDigest: string;
}

/** Something that the study wanted to hand over and that nobody made. Plain JSON. */
export interface MissingInput {
  readonly origin: Origin;
  /** The input it belongs to, for example `scores`. */
  readonly port: string;
  /** The instance that failed: the origin itself, or one that it cannot do without. */
  readonly failed: string;
  readonly code: string;
  /** What went wrong there. */
  readonly text: string;
}

/** What was computed, with what, from what. Plain JSON. When, where and by which command belongs to the run's record. */
export interface Provenance {
  readonly study: {
    readonly name: string;
    readonly digest: string;
    readonly profile: string | null;
    readonly text: string;
  };
  readonly params: Readonly<Record<string, unknown>>;
  readonly seed: number;
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
      /** What it tells of each image, by name, in words with the unit. */
      readonly diagnostics?: Readonly<Record<string, string>>;
    }[];
  }[];
  /** Those that the study includes, by the names under which their nodes stand: `protocol`, `protocol/maps`. */
  readonly recipes: readonly {
    readonly name: string;
    readonly recipe: string;
    /** Of its package; null for a file beside the study. */
    readonly version: string | null;
    readonly digest: string;
    readonly text: string;
  }[];
  readonly datasets: Readonly<Record<string, string>>;
  /**
   * How many other versions of the study (of its text, profile, parameters or recipes) handed out results in the same place before this
   * one first did: whoever chose this one may have seen theirs.
   */
  readonly reportedBefore: number;
}

/** All that a run hands to a reporter. */
export interface ReportInputs {
  readonly provenance: Provenance;
  readonly models: readonly Entry<ModelSummary>[];
  readonly scores: readonly Entry<readonly Scores[]>[];
  readonly attributions: readonly Entry<Labelled<Attributions>>[];
  readonly concepts: readonly Entry<readonly Labelled<ConceptBank>[]>[];
  /** What failed, or could not be computed because something else failed. A report says so where nobody overlooks it. */
  readonly missing: readonly MissingInput[];
  /** The images that were explained. */
  readonly images: Split;
}

/**
 * Turns a run into files. Returns them by name (`report.html`, `results.parquet`).
 * @example
 * const reporter = await createFrom(report, {}, plainServices());
 * for (const [name, bytes] of await reporter.write(inputs)) await writeFile(name, bytes);
 */
export interface Reporter {
  write(inputs: ReportInputs): Promise<ReadonlyMap<string, Uint8Array>>;
}
