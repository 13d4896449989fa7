import { imagenetteClasses } from '@espalier/data-imagenette';
import { type TinySizes, temporaryFolder, writeParts } from '../../data-folder/test/tiny-folder.ts';

/** Writes a dataset in ImageNette's layout below `folder`, a few generated JPEGs per class. */
export function writeTinyImagenette(folder: string, sizes: TinySizes = {}): Promise<void> {
  return writeParts(
    folder,
    imagenetteClasses.map(({ wnid }) => wnid),
    sizes,
  );
}

/** A dataset in a folder that is removed when the test is over. */
export async function tinyImagenette(sizes: TinySizes = {}): Promise<string> {
  const folder = temporaryFolder();
  await writeTinyImagenette(folder, sizes);
  return folder;
}
