export { readBoxes } from './boxes/box-file.ts';
export { type Box, type BoxedImages, boxMask, boxRegions, expectFitting } from './boxes/boxes.ts';
export { notesOf } from './contents/notes.ts';
export {
  contentFingerprint,
  type ListedParts,
  type Outside,
  type ReadParts,
  readParts,
} from './contents/read-parts.ts';
export { type ByteStore, byteStore } from './decoding/byte-store.ts';
export { decodeImage, type ImageHeader, type ImageSize } from './decoding/decode.ts';
export { everyFormat, type ImageFormats, jpegAndPng } from './decoding/formats.ts';
export { plainReading, type Reading } from './decoding/reading.ts';
export { type FileSplit, fileSplit, imagenetNormalisation, type RegionsOf } from './file-split.ts';
export { evaluationGeometry, type Geometry, stripProblem } from './geometry.ts';
export { imageFolder, plugins } from './image-folder.ts';
export type { Found, FoundImage, ListingRules } from './listing/class-images.ts';
export { list } from './listing/first-of.ts';
export { contentOf, type FolderContent, type FolderEntry } from './listing/folder-entries.ts';
export type { ImageFile } from './listing/image-file.ts';
export { type Listing, type PartFolder, partClasses } from './listing/part-classes.ts';
export { boxesFindings, countsPerClass, listedOrError } from './planned.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';
