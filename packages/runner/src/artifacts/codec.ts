import type { Dataset, Explainer, ModelFactory, Origin } from '@espalier/core';
import type { BlobRef } from '@espalier/store';
import type { ArtifactKind } from '@espalier/study';
import type { MadeBy, Values } from './artifact-kinds.ts';

/** An artifact as the store keeps it. */
export interface Packed {
  /** Small, exact and readable: everything but arrays. */
  readonly json: unknown;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  /** What the artifact is, where that is less than how it was written. */
  readonly digest?: string;
}

/** An artifact as it is read back. */
export interface Stored {
  readonly json: unknown;
  readonly blob: (name: string) => Promise<Uint8Array>;
}

/** Opens again what artifacts only refer to. */
export interface Opener {
  dataset(madeBy: MadeBy): Promise<Dataset>;
  factory(madeBy: MadeBy): Promise<ModelFactory>;
  explainer(madeBy: MadeBy): Promise<Explainer>;
}

/** How one kind of artifact is written and read. `unpack(pack(value))` equals `value`, to the last bit. */
export interface Codec<K extends ArtifactKind> {
  pack(value: Values[K]): Promise<Packed> | Packed;
  unpack(stored: Stored, opener: Opener): Promise<Values[K]>;
  /** The value as the study at hand calls it. */
  named?(value: Values[K], origin: Origin): Values[K];
  /** Gives back memory that garbage collection does not know of. */
  dispose?(value: Values[K]): void;
}

/** The JSON part of an artifact, and its blobs by name. */
export interface Manifest {
  readonly kind: ArtifactKind;
  readonly json: unknown;
  readonly blobs: Readonly<Record<string, BlobRef>>;
}
