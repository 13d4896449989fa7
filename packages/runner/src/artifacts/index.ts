import { type Origin, StudyError } from '@espalier/core';
import { type ArtifactRef, type BlobRef, canonicalJson, type Store } from '@espalier/store';
import type { ArtifactKind } from '@espalier/study';
import type { Artifact, ExplainerValue, Values } from './artifact-kinds.ts';
import { attributionsCodec } from './attributions.ts';
import type { Codec, Manifest, Opener } from './codec.ts';
import { conceptsCodec } from './concepts.ts';
import { modelCodec } from './model.ts';
import { scoresCodec } from './scores.ts';
import { splitCodec, splitDigest } from './split.ts';

type ExplainerJson = Omit<ExplainerValue, 'explainer'>;

/** An explainer is kept as what creates it again. */
const explainerCodec: Codec<'explainer'> = {
  pack({ label, madeBy }) {
    const json: ExplainerJson = { label, madeBy };
    return { json, blobs: new Map() };
  },
  async unpack({ json }, opener) {
    const { label, madeBy } = json as ExplainerJson; // written by pack, verified by the store
    return { explainer: await opener.explainer(madeBy), label, madeBy };
  },
};

/** Files as they are, by name. */
const filesCodec: Codec<'files'> = {
  pack: (files) => ({ json: { names: [...files.keys()] }, blobs: files }),
  async unpack({ json, blob }) {
    const { names } = json as { names: readonly string[] }; // written by pack, verified by the store
    return new Map(await Promise.all(names.map(async (name) => [name, await blob(name)] as const)));
  },
};

export type { Manifest } from './codec.ts';

const codecs: { readonly [K in ArtifactKind]: Codec<K> } = {
  split: splitCodec,
  model: modelCodec,
  attributions: attributionsCodec,
  explainer: explainerCodec,
  concepts: conceptsCodec,
  scores: scoresCodec,
  files: filesCodec,
};

/** Writes an artifact's blobs, then the manifest that names them. */
export async function storeArtifact(
  store: Store,
  { kind, value }: Artifact,
): Promise<{ readonly ref: ArtifactRef; readonly blobs: readonly BlobRef[] }> {
  const codec = codecs[kind] as Codec<ArtifactKind>; // value and codec are of the same kind
  const packed = await codec.pack(value);
  const named: [string, BlobRef][] = [];
  for (const [name, bytes] of packed.blobs) named.push([name, await store.putBlob(bytes)]);
  const manifest: Manifest = { kind, json: packed.json, blobs: Object.fromEntries(named) };
  const written = await store.putBlob(Buffer.from(canonicalJson(manifest)));
  const blobs = [...named.map(([, blob]) => blob), written];
  const bytes = blobs.reduce((sum, blob) => sum + blob.bytes, 0);
  return { ref: { kind, digest: packed.digest ?? written.sha256, manifest: written.sha256, bytes }, blobs };
}

/** Reads an artifact back. */
export async function readArtifact(store: Store, ref: ArtifactRef, opener: Opener): Promise<Artifact> {
  const { kind, json, blobs } = await readManifest(store, ref);
  const codec = codecs[kind] as Codec<ArtifactKind>; // the kind that wrote it
  const value = await codec.unpack({ json, blob: (name) => store.blob(blobs[name]?.sha256 ?? '') }, opener);
  return { kind, value } as Artifact; // the codec of a kind returns values of it
}

/** The JSON part of a stored artifact and its blobs by name. */
export async function readManifest(store: Store, ref: ArtifactRef): Promise<Manifest> {
  return JSON.parse(Buffer.from(await store.blob(ref.manifest)).toString('utf8')) as Manifest; // verified by the store
}

/** Kind and digest of the artifact that a blob describes. @throws StudyError `store/corrupt` where it is missing, or none */
export async function checkedManifest(store: Store, manifest: string): Promise<{ kind: string; digest: string }> {
  const text = Buffer.from(await store.blob(manifest)).toString('utf8');
  try {
    const { kind, json } = JSON.parse(text) as Manifest; // other texts fail, or are of no kind
    return { kind, digest: kind === 'split' ? splitDigest(json) : manifest };
  } catch (cause) {
    const what = `The blob ${manifest.slice(0, 12)} of the store ${store.location} describes no result.`;
    throw new StudyError('store/corrupt', `${what} Run the study again.`, { cause });
  }
}

/** The value as the study at hand calls it. */
export function named<K extends ArtifactKind>(kind: K, value: Values[K], origin: Origin): Values[K] {
  return codecs[kind].named?.(value, origin) ?? value;
}

/** Gives back memory that garbage collection does not know of. */
export function disposeArtifact({ kind, value }: Artifact): void {
  (codecs[kind] as Codec<ArtifactKind>).dispose?.(value); // value and codec are of the same kind
}
