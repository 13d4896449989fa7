import { type ClassIndices, type NdArray, ndArray } from '@espalier/core';

/** 1 at the class of each image. */
export function oneHot(classIndex: ClassIndices, classes: number): NdArray<'n k'> {
  const rows = ndArray('n k', [classIndex.length, classes]);
  classIndex.forEach((k, n) => {
    rows.data[n * classes + k] = 1;
  });
  return rows;
}
