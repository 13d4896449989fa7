import type {
  Entry,
  Kind,
  Label,
  MissingInput,
  Model,
  ModelSummary,
  Ports,
  Provenance,
  Services,
  TrainOptions,
} from '@espalier/core';
import type { ArtifactKind, NodeKind } from '@espalier/study';
import * as z from 'zod';
import type { Artifact, MadeBy, SplitValue, Values } from '../artifacts/artifact-kinds.ts';
import type { SelectRequest } from '../training/select-epoch.ts';
import type { Trained } from '../training/training.ts';

/** The inputs of one instance, read from the store when asked for. */
export interface InstanceInputs {
  has(port: string): boolean;
  /** The value of a port that takes one. The runner keeps it open while the instance runs. */
  load<K extends ArtifactKind>(port: string, kind: K): Promise<Values[K]>;
  /** The values of a port that takes many. */
  entries<K extends ArtifactKind>(port: string, kind: K): readonly Entry<Values[K]>[];
  /** The models of a port that takes many, without their weights. */
  summaries(port: string): readonly Entry<ModelSummary>[];
}

/** Everything that running one instance may use. */
export interface Instance<Options = unknown> {
  /** `ig/integrated-gradients`, as the study wrote it. */
  readonly use: string;
  /** The label of what its plugin makes from things with the labels `of`. */
  readonly label: (of?: Label['of']) => Label;
  readonly madeBy: MadeBy;
  /** The options that the kind itself reads, not the plugin. */
  readonly options: Options;
  readonly inputs: InstanceInputs;
  /** The inputs at the study's `baseline` label, where it names one. */
  readonly baseline: InstanceInputs | undefined;
  readonly services: Services;
  /** For reporters. */
  readonly provenance: Provenance | undefined;
  /** What failed of the inputs that may be missing. */
  readonly missing: readonly MissingInput[];
  /** What its plugin makes for another sparsity; of pruners that can be asked for any. */
  readonly portAt?: ((sparsity: number) => Promise<unknown>) | undefined;
  /** Trains with a checkpoint after every epoch, and goes on from the last one it finds. */
  readonly train: (
    model: Model,
    data: SplitValue,
    options: TrainOptions,
    more?: {
      /** Keep the best epoch on these images instead of the last one. */
      readonly select?: SelectRequest | undefined;
      /** Tells trainings of one instance apart: each has a seed and checkpoints of its own. */
      readonly stage?: string | undefined;
    },
  ) => Promise<Trained>;
}

export type Outputs = Readonly<Record<string, Artifact>>;

/** A kind of node, and what running it does. */
export interface RunnableKind<Port = unknown, Options = unknown> extends NodeKind<Options> {
  readonly run: (port: Port, instance: Instance<Options>) => Promise<Outputs>;
}

/** Of a kind that reads none itself. */
export const noOptions = z.strictObject({});

/** Checks a kind's types where it is written; the runner handles all kinds alike. */
export function defineKind<K extends Kind, Options extends z.ZodObject>(
  kind: Omit<RunnableKind<Ports[K], z.output<Options>>, 'options'> & { readonly options: Options },
): RunnableKind {
  return kind as unknown as RunnableKind; // the port was made by a plugin of this kind, the options by this schema
}
