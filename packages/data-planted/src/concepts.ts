import { cross, disc, ring, type Shape, square, triangle } from './shapes.ts';
import { bars, checks, dots, fade, stripes, type Texture } from './textures.ts';

/** Red, green, blue in [0, 255]. */
export type Colour = readonly [number, number, number];

/** What a part's surface looks like. */
export interface Look {
  readonly texture: Texture;
  readonly base: Colour;
  readonly accent: Colour;
}

/** Where the centre of a part may be, in units of the image; every place is its own mirror image. */
export interface Place {
  readonly top: number;
  readonly bottom: number;
  /** Smallest and largest distance from the vertical middle line. */
  readonly fromMiddle: readonly [number, number];
}

/** A planted part: a shape with a look of its own, found at its own place. */
export interface Concept {
  readonly name: string;
  readonly shape: Shape;
  /** Distance of the shape's farthest point from its centre, in units of its radius. */
  readonly reach: number;
  readonly look: Look;
  readonly place: Place;
}

const anywhere = 0.3;

/** The planted concepts: a shape, how it is painted and where it may lie. */
export const concepts: readonly Concept[] = [
  {
    name: 'striped disc',
    shape: disc,
    reach: 1,
    look: { texture: stripes, base: [226, 82, 65], accent: [253, 231, 205] },
    place: { top: 0.2, bottom: 0.42, fromMiddle: [0, anywhere] },
  },
  {
    name: 'checked square',
    shape: square,
    reach: 1.14,
    look: { texture: checks, base: [38, 84, 160], accent: [164, 211, 238] },
    place: { top: 0.58, bottom: 0.8, fromMiddle: [0, anywhere] },
  },
  {
    name: 'dotted triangle',
    shape: triangle,
    reach: 1.24,
    look: { texture: dots, base: [247, 191, 48], accent: [92, 61, 24] },
    place: { top: 0.22, bottom: 0.78, fromMiddle: [0.16, anywhere] },
  },
  {
    name: 'shaded cross',
    shape: cross,
    reach: 1.045,
    look: { texture: fade, base: [154, 207, 94], accent: [20, 108, 77] },
    place: { top: 0.36, bottom: 0.64, fromMiddle: [0, anywhere] },
  },
  {
    name: 'barred ring',
    shape: ring,
    reach: 1,
    look: { texture: bars, base: [148, 73, 178], accent: [244, 186, 219] },
    place: { top: 0.22, bottom: 0.78, fromMiddle: [0, 0.12] },
  },
];

/** The two concepts of each class: every pair once, so no single concept tells a class. */
export const classConcepts: readonly (readonly [number, number])[] = concepts.flatMap((_, first) =>
  concepts.slice(first + 1).map((__, i) => [first, first + 1 + i] as const),
);

/** Names of the classes, each after its two concepts. */
export const classNames: readonly string[] = classConcepts.map(
  ([first, second]) => `${concepts[first]!.name} and ${concepts[second]!.name}`,
);
