import { type ImageFormats, jpegAndPng } from './formats.ts';
import { mostPixels } from './integrity/pixel-budget.ts';

/** How image files become RGB bytes. */
export interface Reading {
  readonly formats: ImageFormats;
  /** Whether the EXIF orientation turns an image. Pillow and torchvision leave it as it is stored. */
  readonly orientation: 'ignore' | 'apply';
  /** The colour that transparency is laid on, `#rrggbb`. */
  readonly background: string;
  /** Most pixels of one image. */
  readonly mostPixels: number;
}

/** JPEG and PNG files as torchvision sees them: not turned, transparency on black, at most 100 million pixels. */
export const plainReading: Reading = {
  formats: jpegAndPng,
  orientation: 'ignore',
  background: '#000000',
  mostPixels,
};
