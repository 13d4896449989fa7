import type {
  Attributions,
  ConceptBank,
  EpochSelection,
  Explainer,
  Label,
  Labelled,
  Masks,
  Model,
  Scores,
  SparsityProof,
  Split,
  SplitName,
} from '@espalier/core';
import type { ArtifactKind } from '@espalier/study';

/** Which plugin made something, with which options: enough to make it again. Plain JSON. */
export interface MadeBy {
  readonly package: string;
  readonly plugin: string;
  readonly options: unknown;
  readonly seed: number;
  /** Of an explainer over another: how that was made. */
  readonly over?: MadeBy;
}

/** A split, and how to open it again. */
export interface SplitValue {
  readonly split: Split;
  readonly madeBy: MadeBy;
  readonly part: SplitName;
  /** Images per class of the part `eval`. */
  readonly perClass: number | null;
}

/** A model, and the factory that can restore it. */
export interface ModelValue {
  readonly model: Model;
  readonly madeBy: MadeBy;
  readonly architecture: string;
  /** Absent where nobody has counted yet; counted when the model is stored. */
  readonly proof?: SparsityProof | undefined;
  /** Masks that were applied once and not enforced: the next round of pruning goes on from them. */
  readonly unenforced?: Masks | undefined;
  readonly selected?: EpochSelection | undefined;
}

/** An explainer, and how to create it again. */
export interface ExplainerValue {
  readonly explainer: Explainer;
  readonly label: Label;
  readonly madeBy: MadeBy;
}

/** What passes along an edge, by kind. */
export interface Values {
  readonly split: SplitValue;
  readonly model: ModelValue;
  readonly attributions: Labelled<Attributions>;
  readonly explainer: ExplainerValue;
  readonly concepts: readonly Labelled<ConceptBank>[];
  readonly scores: readonly Scores[];
  /** Files by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** A value with its kind, as a node hands it over. */
export type Artifact = { readonly [K in ArtifactKind]: { readonly kind: K; readonly value: Values[K] } }[ArtifactKind];
