import type { ImagesOutline, OptionFinding, TrainOptions } from '@espalier/core';

/** What is wrong with training on the images that are known: one alone has no batch statistics, as `trainingBatches` says. */
export function trainingFindings(
  { batchSize }: Pick<TrainOptions, 'batchSize'>,
  { images }: { readonly images?: ImagesOutline | undefined },
  path: OptionFinding['path'],
): readonly OptionFinding[] {
  const count = countOf(images);
  if (count === undefined || count > 1 || (count === 1 && batchSize === 1)) return [];
  return [{ path, text: `Training needs at least two images; its input "data" has ${count}. Give it more images.` }];
}

/** What is wrong where an input has no images at all. */
export function emptyFindings(images: ImagesOutline | undefined, port: string, use: string): readonly OptionFinding[] {
  if (countOf(images) !== 0) return [];
  const text = `${use} gets no images: the part of the data on its input "${port}" is empty. Connect another part, or change how the data are divided.`;
  return [{ path: [], text }];
}

function countOf(images: ImagesOutline | undefined): number | undefined {
  return images?.mostPerClass?.reduce((sum, each) => sum + each, 0);
}
