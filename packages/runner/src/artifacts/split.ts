import { balancedSubset, type Dataset, type LeftOut, type Split, type SplitName, StudyError } from '@espalier/core';
import { sha256 } from '@espalier/store';
import type { MadeBy } from './artifact-kinds.ts';
import type { Codec } from './codec.ts';

interface SplitJson {
  readonly madeBy: MadeBy;
  readonly part: SplitName;
  readonly perClass: number | null;
  readonly digest: string;
  /** For those who read the record: the digest covers it. */
  readonly leftOut?: readonly LeftOut[] | undefined;
}

/** A split is kept as what opens it again: images stay where they are. */
export const splitCodec: Codec<'split'> = {
  pack({ split, madeBy, part, perClass }) {
    const { digest, leftOut } = split;
    const json: SplitJson = { madeBy, part, perClass, digest, ...(leftOut && { leftOut }) };
    return { json, blobs: new Map(), digest: splitDigest(json) };
  },
  async unpack({ json }, opener) {
    const { madeBy, part, perClass, digest } = json as SplitJson; // written by pack, verified by the store
    const split = partOf(await opener.dataset(madeBy), part, perClass, madeBy.seed);
    if (split.digest === digest) return { split, madeBy, part, perClass };
    throw new StudyError(
      'core/data-corrupt',
      `The images of the split "${part}" of ${madeBy.package}/${madeBy.plugin} are not those that this study was run on ` +
        `(${split.digest.slice(0, 12)}, expected ${digest.slice(0, 12)}). Run the study again; if nothing has changed on ` +
        'disk, the dataset plugin must fingerprint what its options point to.',
    );
  },
};

/** What enters keys for a split: its content, not how it is opened. */
export function splitDigest(json: unknown): string {
  return sha256(`split ${(json as SplitJson).digest}`); // written by pack, verified by the store
}

/** One part of `dataset`; `eval` is the balanced part of `val` on which explanations are computed. */
export function partOf(dataset: Dataset, part: SplitName, perClass: number | null, seed: number): Split {
  if (part !== 'eval') return dataset.split(part);
  const val = dataset.split('val');
  return perClass === null ? val : balancedSubset(val, perClass, seed);
}
