import {
  type ConceptBank,
  type Labelled,
  labelled,
  mostImages,
  type OptionFinding,
  type Split,
  StudyError,
} from '@espalier/core';
import { suggestion } from '@espalier/study';
import * as z from 'zod';
import { modelLabels } from './model-label.ts';
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
  check({ classes, imagesPerClass }, { images, use }) {
    if (!images) return [];
    const unknown = [...(classes ?? []).entries()].filter(([, item]) => indexOf(item, images) === undefined);
    const findings: OptionFinding[] = unknown.map(([index, item]) => ({
      path: ['classes', index],
      text: unknownClass(item, images, use),
    }));
    const twice = namedTwice(classes ?? [], images, use);
    if (twice !== undefined) findings.push({ path: ['classes'], text: twice });
    const short = wantedOf(classes, images).find((label) => isShort(images.mostPerClass?.[label], imagesPerClass));
    if (short === undefined) return findings;
    const few = {
      count: images.mostPerClass![short]!,
      limit: imagesPerClass,
      name: images.classes[short]!,
      split: 'its images',
    };
    return [...findings, { path: [imagesPerClass === null ? 'classes' : 'imagesPerClass'], text: tooFew(few, use) }];
  },
  imagesFor({ classes, imagesPerClass }, images) {
    const wanted = wantedOf(classes, images);
    const counts = images.mostPerClass;
    return {
      ...images,
      classes: wanted.map((label) => images.classes[label]!),
      mostPerClass:
        counts && wanted.map((label) => Math.min(counts[label]!, imagesPerClass ?? Number.POSITIVE_INFINITY)),
    };
  },
  async run(port, { use, inputs, label: labelFrom, options: { classes, imagesPerClass }, services }) {
    const value = await inputs.load('model', 'model');
    const { model } = value;
    const { split } = await inputs.load('images', 'split');
    const wanted = classes ? eachOnce(classes, split, use) : [...split.classes.keys()];
    const label = labelFrom(modelLabels(value));
    const banks: Labelled<ConceptBank>[] = [];
    for (const classIndex of wanted) {
      services.signal.throwIfAborted();
      const indices = imagesOf(split, classIndex, imagesPerClass, use);
      const ids = indices.map((index) => split.ids[index]!);
      const told = (part: number): void =>
        services.progress({ done: banks.length + part, total: wanted.length, unit: 'classes' });
      const bank = await port.extract(model, { ids, images: await split.images(indices), classIndex }, told);
      told(1);
      banks.push(labelled(bank, label));
    }
    return { concepts: { kind: 'concepts', value: banks } };
  },
});

/** Indices of the classes asked for: a second bank of one class would be scored as another. */
function eachOnce(items: readonly (number | string)[], split: Split, use: string): readonly number[] {
  const indices = items.map((item) => classIndexOf(item, split, use));
  const text = namedTwice(items, split, use);
  if (text !== undefined) throw new StudyError('core/options-invalid', text);
  return indices;
}

function namedTwice(items: readonly (number | string)[], images: Classes, use: string): string | undefined {
  const indices = items.map((item) => indexOf(item, images));
  const again = indices.findIndex((index, i) => index !== undefined && indices.indexOf(index) < i);
  if (again < 0) return undefined;
  const first = items[indices.indexOf(indices[again])];
  return (
    `${use}: the option "classes" names the class "${images.classes[indices[again]!]}" twice, by ${JSON.stringify(first)} and ` +
    `${JSON.stringify(items[again])}. Name every class once.`
  );
}

interface Classes {
  readonly classes: readonly string[];
}

function indexOf(item: number | string, { classes }: Classes): number | undefined {
  const index = typeof item === 'number' ? item : classes.indexOf(item);
  return index >= 0 && index < classes.length ? index : undefined;
}

/** The classes asked for that there are. */
function wantedOf(items: readonly (number | string)[] | null, images: Classes): readonly number[] {
  return items === null ? [...images.classes.keys()] : items.flatMap((item) => indexOf(item, images) ?? []);
}

function classIndexOf(item: number | string, split: Split, use: string): number {
  const index = indexOf(item, split);
  if (index !== undefined) return index;
  throw new StudyError('core/options-invalid', unknownClass(item, split, use));
}

function unknownClass(item: number | string, { classes }: Classes, use: string): string {
  return (
    `${use}: the option "classes" names ${JSON.stringify(item)}, which the images do not have.` +
    suggestion(String(item), classes)
  );
}

function imagesOf(split: Split, classIndex: number, limit: number | null, use: string): readonly number[] {
  const all = [...split.labels.keys()].filter((index) => split.labels[index] === classIndex);
  if (!isShort(all.length, limit)) return all.slice(0, limit ?? undefined);
  const few = { count: all.length, limit, name: split.classes[classIndex]!, split: `the split "${split.name}"` };
  throw new StudyError('core/options-invalid', tooFew(few, use));
}

function isShort(count: number | undefined, limit: number | null): boolean {
  return count !== undefined && (count === 0 || count < (limit ?? 0));
}

interface Few {
  readonly count: number;
  readonly limit: number | null;
  readonly name: string;
  readonly split: string;
}

function tooFew({ count, limit, name, split }: Few, use: string): string {
  return (
    `${use} needs ${limit ?? 'some'} images of the class "${name}"; ${split} has ` +
    `${count}. Lower "imagesPerClass" or connect a larger split.`
  );
}
