import { type ChannelPart, eachWeightOf, rows, type TrainingSample } from '@espalier/core';

/** What each weight has of some images; how the sum over a part is counted. */
export interface Products {
  readonly of: (
    images: TrainingSample['images'],
    labels: readonly number[],
  ) => Promise<ReadonlyMap<string, { readonly data: ArrayLike<number>; readonly shape: readonly number[] }>>;
  readonly counted: (sum: number) => number;
  /** Images that are asked about together. */
  readonly batchSize: number;
}

/** Means over batches of what the sum over each part counts as. */
export async function meanSums(
  { images, labels }: TrainingSample,
  scored: readonly ChannelPart[],
  { of, counted, batchSize }: Products,
): Promise<(part: ChannelPart) => number> {
  const batches = Math.ceil(labels.length / batchSize);
  const means = new Map<ChannelPart, number>();
  for (let start = 0; start < labels.length; start += batchSize) {
    const end = Math.min(start + batchSize, labels.length);
    const products = await of(rows(images, start, end), labels.slice(start, end));
    for (const part of scored) {
      const { data, shape } = products.get(part.parameter)!;
      let sum = 0;
      eachWeightOf(part, shape, (at) => {
        sum += data[at]!;
      });
      means.set(part, (means.get(part) ?? 0) + counted(sum) / batches);
    }
  }
  return (part) => means.get(part)!;
}
