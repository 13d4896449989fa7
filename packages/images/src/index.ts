export { baselineImage } from './baseline-image.ts';
export { gaussianBlur, type ImageSize } from './gaussian-blur.ts';
export { meanActivations, type SeenCrops } from './mean-activations.ts';
export { type CropBox, type CropRange, randomCropBox, resizeCrop, resizePixels } from './random-resized-crop.ts';
export { resizeCropInto } from './resize-crop-into.ts';
export { type MapSize, resizeMap } from './resize-map.ts';
export { type BatchOptions, trainingBatches } from './training-batches.ts';
