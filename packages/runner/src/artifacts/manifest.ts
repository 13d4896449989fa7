import type { BlobRef } from '@espalier/store';
import type { ArtifactKind } from '@espalier/study';

/** The JSON part of an artifact, and its blobs by name. */
export interface Manifest {
  readonly kind: ArtifactKind;
  readonly json: unknown;
  readonly blobs: Readonly<Record<string, BlobRef>>;
}
