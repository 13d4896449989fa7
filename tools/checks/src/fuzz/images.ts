import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EditedImage, editedJpeg } from './jpeg-edits.ts';
import { editedPng } from './png-edits.ts';
import { openDataset, writeDataset } from './small-dataset.ts';
import { progressiveJpeg, smallImages, smallJpeg, smallPng } from './small-images.ts';
import { type Case, caseOf, type Generator, mutationsOf, type Reader, type Target } from './target.ts';

const id = 'train/n01440764/fuzzed.JPEG';

/** Image files, opened in a dataset and decoded: taken whole, or refused by name. */
export async function imageTarget(folder: string): Promise<Target> {
  writeDataset(folder, smallJpeg, { ending: '.JPEG', more: [id] });
  const pixelsOf = async (input: Uint8Array): Promise<Float32Array> => {
    writeFileSync(join(folder, id), input);
    const split = (await openDataset(folder)).split('train');
    return (await split.images([split.ids.indexOf(id)])).data;
  };
  const reader: Reader = { place: /fuzzed\.JPEG/, read: pixelsOf };
  const edits = async (
    name: string,
    image: Uint8Array,
    edit: (image: Uint8Array, label: string) => EditedImage,
  ): Promise<Generator> => {
    const pixels = await pixelsOf(image);
    return { name, make: (label) => editCase(reader, edit(image, label), pixels) };
  };
  return {
    name: 'image',
    sound: smallImages.map((image) => caseOf(reader, image)),
    generators: [
      mutationsOf(reader, smallImages),
      await edits('jpeg edit', smallJpeg, editedJpeg),
      await edits('progressive edit', progressiveJpeg, editedJpeg),
      await edits('png edit', smallPng, editedPng),
    ],
    leaves: ['train', 'val', 'cache'],
  };
}

function editCase(reader: Reader, { bytes, edit, is }: EditedImage, before: Float32Array): Case {
  const made = caseOf(reader, bytes);
  if (is === 'something') return made;
  if (is === 'damaged') return { ...made, expected: { outcome: 'refused', since: edit } };
  return {
    ...made,
    expected: { outcome: 'accepted', since: `only ${edit}` },
    judge: (pixels) =>
      Buffer.compare(asBytes(pixels), asBytes(before)) === 0 ? undefined : `other pixels after ${edit}`,
  };
}

function asBytes(pixels: unknown): Uint8Array {
  if (!(pixels instanceof Float32Array)) throw new Error('The reader gives no pixels.');
  return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
}
