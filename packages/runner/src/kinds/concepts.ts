import { type ConceptBank, mostImages, type Split, StudyError } from '@espalier/core';
import * as z from 'zod';
import { suggestion } from '../problems.ts';
import { defineKind } from './node-kind.ts';

const options = z.strictObject({
  classes: z
    .array(z.union([z.int().min(0).max(mostImages), z.string()]))
    .min(1)
    .nullable()
    .default(null)
    .describe('classes whose concepts are wanted, by name or index; null takes all'),
  imagesPerClass: z
    .int()
    .min(1)
    .max(mostImages)
    .nullable()
    .default(null)
    .describe('images of each class, the first ones of the split; null takes all'),
});

/** Finds the concepts of each class asked for, from the images labelled with it. */
export const concepts = defineKind<'concepts', typeof options>({
  inputs: () => ({ model: { kind: 'model' }, images: { kind: 'split' } }),
  outputs: { concepts: 'concepts' },
  options,
  arithmetic: 'inference',
  async run(port, { use, inputs, options: { classes, imagesPerClass }, services }) {
    const { model } = await inputs.load('model', 'model');
    const { split } = await inputs.load('images', 'split');
    const wanted = classes ? eachOnce(classes, split, use) : [...split.classes.keys()];
    const banks: ConceptBank[] = [];
    for (const classIndex of wanted) {
      services.signal.throwIfAborted();
      const indices = imagesOf(split, classIndex, imagesPerClass, use);
      const ids = indices.map((index) => split.ids[index]!);
      banks.push(await port.extract(model, { ids, images: await split.images(indices), classIndex }));
      services.progress({ done: banks.length, total: wanted.length, unit: 'classes' });
    }
    return { concepts: { kind: 'concepts', value: banks } };
  },
});

/** Indices of the classes asked for: a second bank of one class would be scored as another. */
function eachOnce(items: readonly (number | string)[], split: Split, use: string): readonly number[] {
  const indices = items.map((item) => classIndexOf(item, split, use));
  const again = indices.findIndex((index, i) => indices.indexOf(index) < i);
  if (again < 0) return indices;
  throw new StudyError(
    'options-invalid',
    `${use}: the option "classes" names the class "${split.classes[indices[again]!]}" twice, by ${JSON.stringify(items[indices.indexOf(indices[again]!)])} and ` +
      `${JSON.stringify(items[again])}. Name every class once.`,
  );
}

function classIndexOf(item: number | string, { classes }: Split, use: string): number {
  const index = typeof item === 'number' ? item : classes.indexOf(item);
  if (index >= 0 && index < classes.length) return index;
  throw new StudyError(
    'options-invalid',
    `${use}: the option "classes" names ${JSON.stringify(item)}, which the images do not have.` +
      suggestion(String(item), classes),
  );
}

function imagesOf(split: Split, classIndex: number, limit: number | null, use: string): readonly number[] {
  const all = [...split.labels.keys()].filter((index) => split.labels[index] === classIndex);
  if (all.length > 0 && all.length >= (limit ?? 0)) return all.slice(0, limit ?? undefined);
  throw new StudyError(
    'options-invalid',
    `${use} needs ${limit ?? 'some'} images of the class "${split.classes[classIndex]}"; the split "${split.name}" has ` +
      `${all.length}. Lower "imagesPerClass" or connect a larger split.`,
  );
}
