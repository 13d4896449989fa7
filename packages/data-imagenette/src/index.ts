export { type Archive, archives } from './archive/archives.ts';
export { download } from './archive/download.ts';
export { type ExtractLimits, extractImages } from './archive/extract-images.ts';
export { fetchArchive } from './archive/fetch-archive.ts';
export { imagenetteClasses } from './classes.ts';
export { imagenette, plugins } from './imagenette.ts';
export { type ImagenetteFolder, imagenetteFolder } from './imagenette-folder.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';
