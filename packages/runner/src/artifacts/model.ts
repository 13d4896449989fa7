import {
  type EpochRecord,
  type EpochSelection,
  type InputSpec,
  type Masks,
  type ModelSummary,
  type Numerics,
  proveSparsity,
  type SparsityProof,
} from '@espalier/core';
import { readSafetensors, writeSafetensors } from '@espalier/formats';
import { canonicalJson, sha256 } from '@espalier/store';
import type { MadeBy } from './artifact-kinds.ts';
import type { Codec, Manifest } from './codec.ts';

interface ModelJson {
  readonly madeBy: MadeBy;
  readonly architecture: string;
  readonly input: InputSpec;
  readonly classes: readonly string[];
  readonly history: readonly EpochRecord[];
  readonly numerics: Numerics;
  readonly proof: SparsityProof;
  readonly masks: readonly MaskSize[];
  /** Absent where masks are enforced. */
  readonly unenforced?: readonly MaskSize[];
  readonly selected?: EpochSelection;
}

/** Name and length of a mask, in the order in which its bits are in a blob. */
interface MaskSize {
  readonly name: string;
  readonly length: number;
}

/** Weights as evaluated in a safetensors file that PyTorch loads; masks one bit per weight; the rest as JSON. */
export const modelCodec: Codec<'model'> = {
  async pack({ model, madeBy, architecture, proof, unenforced, selected }) {
    const json: ModelJson = {
      madeBy,
      architecture,
      input: model.input,
      classes: model.classes,
      history: model.history,
      numerics: model.numerics,
      proof: proof ?? (await proveSparsity(model)),
      masks: sizesOf(model.masks),
      ...(unenforced && { unenforced: sizesOf(unenforced) }),
      ...(selected && { selected }),
    };
    const blobs = new Map([['weights.safetensors', writeSafetensors(await model.weights())]]);
    if (model.masks.size > 0) blobs.set('masks.bits', packBits([...model.masks.values()]));
    if (unenforced) blobs.set('unenforced.bits', packBits([...unenforced.values()]));
    return { json, blobs };
  },
  async unpack({ json, blob }, opener) {
    const { madeBy, architecture, input, classes, history, proof, selected, ...sizes } = json as ModelJson; // written by pack, verified by the store
    const { tensors } = readSafetensors(await blob('weights.safetensors'), 'weights.safetensors');
    const masks = sizes.masks.length > 0 ? unpackBits(await blob('masks.bits'), sizes.masks) : new Map();
    const unenforced = sizes.unenforced && unpackBits(await blob('unenforced.bits'), sizes.unenforced);
    const factory = await opener.factory(madeBy);
    const model = await factory.restore({ input, classes }, { weights: tensors, masks, history });
    return { model, madeBy, architecture, proof, unenforced, selected };
  },
  dispose({ model }) {
    model[Symbol.dispose]();
  },
};

/** What is worth saying about a stored model without reading its weights. */
export function modelSummary({ json, blobs }: Manifest, digest: string): ModelSummary {
  const { architecture, proof, history, numerics, selected } = json as ModelJson; // written by pack, verified by the store
  const network = [architecture, blobs['weights.safetensors']?.sha256 ?? null, proof.maskDigest];
  const networkDigest = sha256(canonicalJson(network));
  return { architecture, proof, history, numerics, ...(selected && { selected }), digest, networkDigest };
}

/** Which factory restores a stored model. */
export function modelMadeBy(json: unknown): MadeBy {
  return (json as ModelJson).madeBy; // written by pack, verified by the store
}

function sizesOf(masks: Masks): readonly MaskSize[] {
  return [...masks].map(([name, mask]) => ({ name, length: mask.length }));
}

/** The masks one after the other, eight weights to a byte, lowest bit first. */
export function packBits(masks: readonly Uint8Array[]): Uint8Array {
  const length = masks.reduce((sum, mask) => sum + mask.length, 0);
  const bits = new Uint8Array(Math.ceil(length / 8));
  let at = 0;
  for (const mask of masks)
    for (const keep of mask) {
      if (keep) bits[at >> 3]! |= 1 << (at & 7);
      at++;
    }
  return bits;
}

/** The inverse of {@link packBits}. */
export function unpackBits(bits: Uint8Array, sizes: readonly MaskSize[]): Masks {
  let at = 0;
  return new Map(
    sizes.map(({ name, length }) => {
      const mask = new Uint8Array(length);
      for (let i = 0; i < length; i++, at++) mask[i] = (bits[at >> 3]! >> (at & 7)) & 1;
      return [name, mask];
    }),
  );
}
