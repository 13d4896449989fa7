import type {
  DatasetOutline,
  Entry,
  ImagesOutline,
  Kind,
  MissingInput,
  Model,
  ModelSummary,
  OptionFinding,
  PlanKnowledge,
  Plugin,
  Ports,
  Provenance,
  Services,
  TrainOptions,
} from '@espalier/core';
import type * as z from 'zod';
import type { Artifact, ArtifactKind, MadeBy, SplitValue, Values } from '../artifact-kinds.ts';
import type { SelectRequest } from '../select-epoch.ts';
import type { Trained } from '../training.ts';

/** What an input port takes. */
export interface InputPort {
  readonly kind: ArtifactKind;
  /** Takes a list: several edges, and everything along gathered axes. */
  readonly many?: boolean;
  /** May be left unconnected. */
  readonly optional?: boolean;
  /** What failed may be missing from the list: the instance runs without it, and is told. */
  readonly mayMiss?: boolean;
}

/** Whether a node's results depend on the engine: not at all, or on the arithmetic of one of its two uses. */
export type Arithmetic = 'none' | 'inference' | 'training';

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
  /** The plugin's method as people call it. */
  readonly title: string;
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

/** What a plan knows of an instance when its kind checks it. */
export interface KindKnowledge extends PlanKnowledge {
  /** `ig/integrated-gradients`, as the study wrote it. */
  readonly use: string;
  /** Input ports that are connected. */
  readonly connected: ReadonlySet<string>;
  /** The sparsity that a pruner's instance is called by, where its plugin says it, and that of the instance before on its scan. */
  readonly level: number | undefined;
  readonly levelBefore: number | undefined;
  /** The images on the input `select`. */
  readonly select: ImagesOutline | undefined;
  /** Of a data set itself. */
  readonly dataset: DatasetOutline | undefined;
}

export type Outputs = Readonly<Record<string, Artifact>>;

/** How one kind of plugin becomes a node: its ports, the options it adds, and what running it does. */
export interface NodeKind<Port = unknown, Options = unknown> {
  readonly inputs: (plugin: Plugin | undefined) => Readonly<Record<string, InputPort>>;
  readonly outputs: Readonly<Record<string, ArtifactKind>>;
  /** Options read by the kind, beside the plugin's own. */
  readonly options: z.ZodObject;
  readonly arithmetic: Arithmetic;
  /** What is wrong with the kind's own options where the plan has them, before anything runs. */
  readonly check?: (options: Options, known: KindKnowledge) => readonly OptionFinding[];
  /** The images that the plugin is given, where the kind takes only some of those on its input. */
  readonly imagesFor?: (options: Options, images: ImagesOutline) => ImagesOutline;
  /** Takes the inputs at the study's `baseline` label too. */
  readonly takesBaseline?: boolean;
  /** What its plugin made is opened again from its options, so one instance serves everybody in a process. */
  readonly reopens?: boolean;
  /** Where the study names no axes to `gather`, all end here but those of ports that take one thing. */
  readonly gathersAll?: boolean;
  /** Depends on what the run is called: names, labels and parameters are part of its key. */
  readonly reports?: boolean;
  readonly run: (port: Port, instance: Instance<Options>) => Promise<Outputs>;
}

/** Checks a kind's types where it is written; the runner handles all kinds alike. */
export function defineKind<K extends Kind, Options extends z.ZodObject>(
  kind: Omit<NodeKind<Ports[K], z.output<Options>>, 'options'> & { readonly options: Options },
): NodeKind {
  return kind as unknown as NodeKind; // the port was made by a plugin of this kind, the options by this schema
}
