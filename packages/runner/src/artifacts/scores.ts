import { expectFinite, ndArray, type Scores, StudyError } from '@espalier/core';
import type { Codec } from './codec.ts';

type ScoresJson = Omit<Scores, 'curve'> & {
  readonly curve?: Omit<NonNullable<Scores['curve']>, 'values'> & { readonly values: readonly number[] };
};

/** Scores as JSON, which keeps numbers exact. */
export const scoresCodec: Codec<'scores'> = {
  pack(scores) {
    return { json: scores.map(toJson), blobs: new Map() };
  },
  async unpack({ json }) {
    return (json as readonly ScoresJson[]).map(fromJson); // written by pack, verified by the store
  },
};

function toJson({ curve, ...scores }: Scores): ScoresJson {
  const { metric, ids, values } = scores;
  expectFinite(values, `the scores "${metric}"`);
  if (ids.length !== values.length) {
    throw new StudyError(
      'core/shape-mismatch',
      `The scores "${metric}" have ${values.length} values for ${ids.length} samples. A metric returns one value per sample.`,
    );
  }
  if (!curve) return scores;
  expectFinite(curve.values.data, `the curve of the scores "${metric}"`);
  return { ...scores, curve: { ...curve, values: [...curve.values.data] } };
}

function fromJson({ curve, ...scores }: ScoresJson): Scores {
  if (!curve) return scores;
  const shape = [scores.ids.length, curve.at.length];
  return { ...scores, curve: { ...curve, values: ndArray('n s', shape, Float32Array.from(curve.values)) } };
}
