import type { RandomStream } from '@espalier/core';
import { type Colour, classConcepts, concepts, type Look, type Place } from './concepts.ts';
import type { Shape } from './shapes.ts';

/** A shape put somewhere: centre and radius in units of the image, turned by the angle of (`cosine`, `sine`). */
export interface Part {
  readonly shape: Shape;
  readonly look: Look;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Distance of its farthest point from its centre. */
  readonly reach: number;
  readonly cosine: number;
  readonly sine: number;
}

/** Everything that one image shows, in units of the image, so that it can be drawn at any size. */
export interface Scene {
  /** Colours at the four corners of the background: top left, top right, bottom left, bottom right. */
  readonly corners: readonly [Colour, Colour, Colour, Colour];
  /** Values in [-1, 1] of the background's grain on a `grainSize` x `grainSize` lattice. */
  readonly grain: Float64Array;
  /** Faint blobs behind everything. */
  readonly clutter: readonly Part[];
  /** Parts with the shape and texture of one concept and the colours of another. */
  readonly distractors: readonly Part[];
  /** The planted parts, in the order of the class's concepts; nothing covers them. */
  readonly planted: readonly { readonly concept: number; readonly part: Part }[];
}

export const grainSize = 9;

const radii = { part: [0.145, 0.185], clutter: [0.04, 0.09] } as const;
const gap = 0.02;
const placingTries = 40;

/**
 * The scene of one image of class `label`, with up to `distractorCount` (at most 3) parts that mislead.
 *
 * A distractor has the colours of a concept that is absent, sits where that concept would, and has another concept's
 * shape and texture. So neither a colour, nor a shape, nor a place tells a class, only their meeting in one part.
 */
export function drawScene(stream: RandomStream, label: number, distractorCount: number): Scene {
  const pair = classConcepts[label]!;
  const planted = plantParts(stream, pair);
  const taken = planted.map(({ part }) => part);
  const absent = stream.shuffled([...concepts.keys()].filter((concept) => !pair.includes(concept)));
  const distractors = absent
    .slice(0, distractorCount)
    .map((colour) => placeDistractor(stream, colour, taken))
    .filter((part) => part !== undefined);
  return { ...drawBackground(stream), distractors, planted };
}

function plantParts(stream: RandomStream, pair: readonly [number, number]): Scene['planted'] {
  const [first, second] = [between(stream, radii.part), between(stream, radii.part)];
  const needed = first * concepts[pair[0]]!.reach + second * concepts[pair[1]]!.reach + gap;
  let best: { centres: readonly [Centre, Centre]; distance: number } | undefined;
  for (let attempt = 0; attempt < placingTries; attempt++) {
    const centres = [centreIn(stream, concepts[pair[0]]!.place), centreIn(stream, concepts[pair[1]]!.place)] as const;
    const distance = distanceBetween(...centres);
    if (!best || distance > best.distance) best = { centres, distance };
    if (distance >= needed) break;
  }
  const { centres, distance } = best!; // there is at least one try
  const shrink = Math.min(1, (distance - gap) / (needed - gap)); // parts never overlap, even where every try did
  return [
    { concept: pair[0], part: turnedPart(stream, pair[0], pair[0], centres[0], shrink * first) },
    { concept: pair[1], part: turnedPart(stream, pair[1], pair[1], centres[1], shrink * second) },
  ];
}

/** A part with the shape and texture of concept `form` and the colours of concept `colour`. */
function turnedPart(stream: RandomStream, form: number, colour: number, centre: Centre, radius: number): Part {
  const { shape, look, reach } = concepts[form]!;
  const { base, accent } = concepts[colour]!.look;
  const own = tinted(stream, { texture: look.texture, base, accent });
  return { shape, look: own, ...centre, radius, reach: reach * radius, ...tilt(stream) };
}

/** A part with the colours and place of concept `colour` in the form of another, clear of all that is there already. */
function placeDistractor(stream: RandomStream, colour: number, taken: Part[]): Part | undefined {
  const form = (colour + 1 + stream.integer(concepts.length - 1)) % concepts.length;
  const wanted = between(stream, radii.part);
  for (let attempt = 0; attempt < placingTries; attempt++) {
    const centre = centreIn(stream, concepts[colour]!.place);
    const radius = wanted * (1 - attempt / (2 * placingTries)); // a full image still gets its distractor, smaller
    const reach = radius * concepts[form]!.reach;
    if (taken.some((part) => distanceBetween(part, centre) < part.reach + reach + gap)) continue;
    const part = turnedPart(stream, form, colour, centre, radius);
    taken.push(part);
    return part;
  }
  return undefined;
}

function drawBackground(stream: RandomStream): Pick<Scene, 'corners' | 'grain' | 'clutter'> {
  const light = between(stream, [70, 190]);
  const corner = (): Colour => {
    const own = light + between(stream, [-30, 30]);
    return [own + between(stream, [-26, 26]), own + between(stream, [-18, 18]), own + between(stream, [-26, 26])];
  };
  const corners = [corner(), corner(), corner(), corner()] as const;
  const grain = Float64Array.from({ length: grainSize * grainSize }, () => between(stream, [-1, 1]));
  const clutter = Array.from({ length: 3 + stream.integer(4) }, () => drawClutter(stream));
  return { corners, grain, clutter };
}

function drawClutter(stream: RandomStream): Part {
  const [form, colour] = [stream.integer(concepts.length), stream.integer(concepts.length)];
  const centre = { x: stream.uniform(), y: stream.uniform() };
  return turnedPart(stream, form, colour, centre, between(stream, radii.clutter));
}

interface Centre {
  readonly x: number;
  readonly y: number;
}

function centreIn(stream: RandomStream, { top, bottom, fromMiddle }: Place): Centre {
  const side = stream.integer(2) === 0 ? -1 : 1;
  return { x: 0.5 + side * between(stream, fromMiddle), y: between(stream, [top, bottom]) };
}

/** A turn of at most 2 atan(0.14) = 0.28 radians either way, from exactly rounded arithmetic only. */
function tilt(stream: RandomStream): Pick<Part, 'cosine' | 'sine'> {
  const half = between(stream, [-0.14, 0.14]);
  const scale = 1 + half * half;
  return { cosine: (1 - half * half) / scale, sine: (2 * half) / scale };
}

/** The same texture with both colours moved a little, together. */
function tinted(stream: RandomStream, { texture, base, accent }: Look): Look {
  const shift = [0, 0, 0].map(() => between(stream, [-22, 22]));
  const move = (colour: Colour): Colour => [colour[0] + shift[0]!, colour[1] + shift[1]!, colour[2] + shift[2]!];
  return { texture, base: move(base), accent: move(accent) };
}

function distanceBetween(a: Centre, b: Centre): number {
  return Math.sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y));
}

function between(stream: RandomStream, [low, high]: readonly [number, number]): number {
  return low + (high - low) * stream.uniform();
}
