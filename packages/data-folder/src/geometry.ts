import { roundHalfEven } from '@espalier/core';

/** How an image becomes the evaluated one: resized to `height` x `width`, then a `size` x `size` crop of that. */
export interface Geometry {
  readonly height: number;
  readonly width: number;
  readonly top: number;
  readonly left: number;
  readonly size: number;
}

/**
 * The evaluated part of an image of `height` x `width`: the shorter side becomes `size` times `resizeRatio`, the
 * longer keeps the aspect ratio (rounded down), and the centre is cropped.
 *
 * Nothing is enlarged beyond what the crop needs: an image whose shorter side lies between the two keeps its pixels.
 *
 * Source: torchvision's Resize and CenterCrop; the last rule is ours.
 */
export function evaluationGeometry(height: number, width: number, size: number, resizeRatio: number): Geometry {
  const shorter = Math.max(size, Math.min(Math.round(size * resizeRatio), Math.min(height, width)));
  const resized = resizedTo(height, width, shorter);
  return {
    ...resized,
    top: Math.floor((resized.height - size) / 2),
    left: Math.floor((resized.width - size) / 2),
    size,
  };
}

/**
 * As torchvision's Resize and CenterCrop evaluate an image, one that is enlarged for it too: the shorter side becomes `size` times
 * `resizeRatio` (rounded), and of an odd margin the half is rounded to an even number.
 *
 * Source: torchvision 0.21, `resize` and `center_crop` of transforms.functional.
 */
export function torchvisionGeometry(height: number, width: number, size: number, resizeRatio: number): Geometry {
  const resized = resizedTo(height, width, Math.round(size * resizeRatio));
  return {
    ...resized,
    top: roundHalfEven((resized.height - size) / 2),
    left: roundHalfEven((resized.width - size) / 2),
    size,
  };
}

// How much larger than the evaluated image the stored one is: random crops keep about this much detail.
const storageRatio = 1.25;

/** The size at which an image is kept for random crops: shorter side 1.25 `size`, but never enlarged beyond `size`. */
export function storageSize(height: number, width: number, size: number): { height: number; width: number } {
  const shorter = Math.max(size, Math.min(Math.round(size * storageRatio), Math.min(height, width)));
  return resizedTo(height, width, shorter);
}

/**
 * What is wrong with an image of this size that would be resized to a very long strip, as a clause.
 *
 * @param most pixels of a resized image
 */
export function stripProblem(
  { height, width }: { readonly height: number; readonly width: number },
  resized: Geometry,
  most: number,
): string | undefined {
  if (resized.height * resized.width <= most) return undefined;
  return (
    `it has ${width} x ${height} pixels, which would be resized to ${resized.width} x ${resized.height}, more than ${most} ` +
    'pixels; crop it'
  );
}

function resizedTo(height: number, width: number, shorter: number): { height: number; width: number } {
  return height <= width
    ? { height: shorter, width: Math.floor((shorter * width) / height) }
    : { height: Math.floor((shorter * height) / width), width: shorter };
}
