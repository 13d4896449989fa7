import {
  type ConceptBank,
  type ConceptImages,
  type ImagesOutline,
  type Labelled,
  labelled,
  mostImages,
  type OptionFinding,
  type Split,
  StudyError,
} from '@espalier/core';
import { type KindKnowledge, suggestion } from '@espalier/study';
import * as z from 'zod';
import { emptyFindings } from './image-counts.ts';
import { modelLabels } from './model-label.ts';
import { defineKind, type InstanceInputs } from './node-kind.ts';

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
  inputs: (plugin) => ({
    model: { kind: 'model' },
    images: { kind: 'split' },
    ...(plugin?.needsData && { examples: { kind: 'split' }, counterparts: { kind: 'split' } }),
  }),
  outputs: { concepts: 'concepts' },
  options,
  arithmetic: 'inference',
  check: (asked, known) => [
    ...(known.images ? problemsOf(asked, known.images, known.use, 'its images') : []),
    ...exampleFindings(known),
  ],
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
  async run(port, { use, inputs, label: labelFrom, options: asked, services }) {
    const value = await inputs.load('model', 'model');
    const { model } = value;
    const { split } = await inputs.load('images', 'split');
    const byClass = split.classes.map((): number[] => []);
    for (const [index, label] of split.labels.entries()) byClass[label]!.push(index);
    const images = { classes: split.classes, mostPerClass: byClass.map(({ length }) => length) };
    const [problem] = problemsOf(asked, images, use, `the split "${split.name}"`);
    if (problem) throw new StudyError('core/options-invalid', problem.text);
    const wanted = wantedOf(asked.classes, split);
    const shown = await examplesOf(inputs);
    const label = labelFrom(modelLabels(value));
    const banks: Labelled<ConceptBank>[] = [];
    for (const classIndex of wanted) {
      services.signal.throwIfAborted();
      const indices = byClass[classIndex]!.slice(0, asked.imagesPerClass ?? undefined);
      const ids = indices.map((index) => split.ids[index]!);
      const told = (part: number): void =>
        services.progress({ done: banks.length + part, total: wanted.length, unit: 'classes' });
      const bank = await port.extract(model, { ids, images: await split.images(indices), classIndex, ...shown }, told);
      told(1);
      banks.push(labelled(bank, label));
    }
    return { concepts: { kind: 'concepts', value: banks } };
  },
});

const exampleInputs = ['examples', 'counterparts'] as const;

/** What is wrong with examples of concepts that are known before a run: none, or of another size than the images. */
function exampleFindings({ images, use, ...known }: KindKnowledge): readonly OptionFinding[] {
  return exampleInputs.flatMap((port) => {
    const given = known[port];
    if (!given || !images || (given.height === images.height && given.width === images.width))
      return emptyFindings(given, port, use);
    const text = `${use} needs images of ${images.height} x ${images.width} pixels on its input "${port}", as on "images"; found ${given.height} x ${given.width}. Give both datasets the same size.`;
    return [{ path: [], text }];
  });
}

/** The examples and counterparts that are connected. */
async function examplesOf(inputs: InstanceInputs): Promise<Pick<ConceptImages, 'examples' | 'counterparts'>> {
  const found: Partial<Record<(typeof exampleInputs)[number], Split>> = {};
  for (const port of exampleInputs) if (inputs.has(port)) found[port] = (await inputs.load(port, 'split')).split;
  return found;
}

type Images = Pick<ImagesOutline, 'classes' | 'mostPerClass'>;

/** What is wrong with what is asked of the images: classes that they do not have, one named twice, one with too few images. */
function problemsOf(
  { classes, imagesPerClass }: z.output<typeof options>,
  images: Images,
  use: string,
  where: string,
): readonly OptionFinding[] {
  const findings: OptionFinding[] = [];
  for (const [index, item] of (classes ?? []).entries())
    if (indexOf(item, images) === undefined)
      findings.push({ path: ['classes', index], text: unknownClass(item, images, use) });
  const twice = namedTwice(classes ?? [], images, use);
  if (twice !== undefined) findings.push({ path: ['classes'], text: twice });
  const counts = images.mostPerClass;
  const isShort = (label: number) => counts && (counts[label] === 0 || counts[label]! < (imagesPerClass ?? 0));
  const short = wantedOf(classes, images).find(isShort);
  if (short === undefined) return findings;
  const text =
    `${use} needs ${imagesPerClass ?? 'some'} images of the class "${images.classes[short]}"; ${where} has ` +
    `${counts![short]}. Lower "imagesPerClass" or connect a larger split.`;
  return [...findings, { path: [imagesPerClass === null ? 'classes' : 'imagesPerClass'], text }];
}

/** A second bank of one class would be scored as another. */
function namedTwice(items: readonly (number | string)[], images: Images, use: string): string | undefined {
  const indices = items.map((item) => indexOf(item, images));
  const again = indices.findIndex((index, i) => index !== undefined && indices.indexOf(index) < i);
  if (again < 0) return undefined;
  const first = items[indices.indexOf(indices[again])];
  return (
    `${use}: the option "classes" names the class "${images.classes[indices[again]!]}" twice, by ${JSON.stringify(first)} and ` +
    `${JSON.stringify(items[again])}. Name every class once.`
  );
}

function indexOf(item: number | string, { classes }: Images): number | undefined {
  const index = typeof item === 'number' ? item : classes.indexOf(item);
  return index >= 0 && index < classes.length ? index : undefined;
}

/** The classes asked for that there are. */
function wantedOf(items: readonly (number | string)[] | null, images: Images): readonly number[] {
  return items === null ? [...images.classes.keys()] : items.flatMap((item) => indexOf(item, images) ?? []);
}

function unknownClass(item: number | string, { classes }: Images, use: string): string {
  return (
    `${use}: the option "classes" names ${JSON.stringify(item)}, which the images do not have.` +
    suggestion(String(item), classes)
  );
}
