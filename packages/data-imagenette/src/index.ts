export { type Box, boxMask, readBoxes } from './boxes.ts';
export { imagenetteClasses } from './classes.ts';
export { decodeImage } from './decode.ts';
export { fileSplit, imagenetNormalisation } from './file-split.ts';
export { evaluationGeometry, type Geometry } from './geometry.ts';
export { type ImageFile, listImageFolder } from './image-files.ts';
export { imagenette, plugins } from './imagenette.ts';
