import type { FormatName } from '@espalier/files';

/** The formats of images that a dataset reads. */
export interface ImageFormats {
  /** As a sentence calls them: `JPEG or PNG`. */
  readonly words: string;
  /** Told by the first bytes of a file, whatever its name. */
  readonly names: readonly FormatName[];
  /** How the names of files end that are taken for images. */
  readonly ending: RegExp;
}

/** JPEG and PNG, by the usual endings. */
export const jpegAndPng: ImageFormats = {
  words: 'JPEG or PNG',
  names: ['jpeg', 'png'],
  ending: /\.(jpe?g|png)$/i,
};

/** Endings of pictures: to a person such a file is an image, whether it can be read or not. */
export const pictureEnding =
  /\.(jpe?g|jpe|jfif|a?png|webp|gif|tiff?|avif|bmp|dib|hei[cf]|jxl|jp2|j2k|svgz?|psd|ico|tga|p[bgpn]m|exr|hdr|dng|cr[23]|nef|arw|raf|orf|rw2)$/i;

/**
 * Every format of photographs that sharp reads. An SVG drawing has no pixels of its own, and the fonts of the machine decide
 * some of those it is drawn with, so it is none.
 *
 * A file with the ending of another picture is taken for an image, and then told as one that cannot be decoded.
 */
export const everyFormat: ImageFormats = {
  words: 'JPEG, PNG, WebP, GIF, TIFF or AVIF',
  names: ['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif'],
  ending: pictureEnding,
};
