import type { FunctionBody, Local } from '@espalier/simd';

/** Addresses that follow a box: where its present image, row and place begin. */
export interface Walk {
  readonly start: Local<'i32'>;
  readonly image: Local<'i32'>;
  readonly row: Local<'i32'>;
  readonly place: Local<'i32'>;
  /** Bytes from one image, row and place to the next. */
  readonly steps: readonly [Local<'i32'>, Local<'i32'>, Local<'i32'>];
}

/** Starts as a walk through the box at `start`. */
export function walk(body: FunctionBody, start: Local<'i32'>, steps: Walk['steps']): Walk {
  return { start, image: body.local(start), row: body.local(start), place: body.local(start), steps };
}

/** Loops over `images * height * width` places, with every walk's `place` following. */
export function eachPlace(
  body: FunctionBody,
  box: Readonly<Record<'images' | 'height' | 'width', Local<'i32'>>>,
  walks: readonly Walk[],
  compute: () => void,
): void {
  for (const { image, start } of walks) body.set(image, start);
  body.repeat(box.images, () => {
    for (const { row, image } of walks) body.set(row, image);
    body.repeat(box.height, () => {
      for (const { place, row } of walks) body.set(place, row);
      body.repeat(box.width, () => {
        compute();
        for (const { place, steps } of walks) body.advance(place, steps[2]);
      });
      for (const { row, steps } of walks) body.advance(row, steps[1]);
    });
    for (const { image, steps } of walks) body.advance(image, steps[0]);
  });
}
