import type { DatasetOutline, ImagesOutline, Kind, OptionFinding, PlanKnowledge, Plugin } from '@espalier/core';
import type * as z from 'zod';
import type { ArtifactKind } from '../file/artifact-kinds.ts';

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

/** What a plan knows of an instance when its kind checks it. */
export interface KindKnowledge extends PlanKnowledge {
  /** `ig/integrated-gradients`, as the study wrote it. */
  readonly use: string;
  /** Input ports that are connected. */
  readonly connected: ReadonlySet<string>;
  /** The sparsity that a pruner's instance is called by, where its plugin says it, and that of the instance before on its scan. */
  readonly level: number | undefined;
  readonly levelBefore: number | undefined;
  /** Of a pruner: whether it can be asked for any sparsity. */
  readonly takesAnyLevel: boolean;
  /** The images on the input `select`. */
  readonly select: ImagesOutline | undefined;
  /** Of a data set itself. */
  readonly dataset: DatasetOutline | undefined;
}

/** How one kind of plugin becomes a node of a study: its ports, and the options it adds. */
export interface NodeKind<Options = unknown> {
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
}

/** The kinds of nodes that a study may have. */
export interface NodeCatalogue {
  readonly kinds: Readonly<Record<Kind, NodeKind>>;
  /** Nodes that no plugin stands behind, by name: a study uses them as `core/<name>`. */
  readonly builtIn: Readonly<Record<string, NodeKind>>;
}
