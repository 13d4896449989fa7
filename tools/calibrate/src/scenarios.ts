import { type RandomStream, randomStream } from '@espalier/core';

/** How differences of two models are spread over images: with mean 0. */
export interface Shape {
  readonly name: string;
  /** Whether the differences are those of hits: -1, 0 and 1. */
  readonly isBinary?: true;
  readonly draw: (stream: RandomStream) => number;
}

export const shapes: readonly Shape[] = [
  { name: 'normal', draw: (stream) => stream.normal() },
  { name: 't with 3 degrees of freedom', draw: heavyTailed },
  { name: 'exponential', draw: (stream) => -Math.log1p(-stream.uniform()) - 1 },
  { name: 'binary, 60 % ties', isBinary: true, draw: (stream) => hit(stream.uniform()) },
];

function heavyTailed(stream: RandomStream): number {
  const square = () => stream.normal() ** 2;
  return stream.normal() / Math.sqrt((square() + square() + square()) / 3);
}

function hit(value: number): number {
  if (value < 0.6) return 0;
  return value < 0.8 ? 1 : -1;
}

/** One design that intervals must hold for. */
export interface Scenario {
  readonly name: string;
  readonly shape: Shape;
  readonly images: number;
  readonly seeds: number;
  /** Part of the variance of one difference that images of a class share. */
  readonly withinClass: number;
  /** Part of the variance of the mean that training seeds bring. */
  readonly ofSeeds: number;
}

const sizes = [10, 12, 20, 100, 600];
const plain = { seeds: 1, withinClass: 0, ofSeeds: 0 };
const [normal, , exponential] = shapes as [Shape, Shape, Shape];

export const scenarios: readonly Scenario[] = [
  ...shapes.flatMap((shape) => sizes.map((images) => scenario({ ...plain, shape, images }))),
  ...[0.1, 0.4].flatMap((withinClass) =>
    [20, 100, 600].map((images) => scenario({ ...plain, shape: normal, images, withinClass })),
  ),
  ...[3, 5].flatMap((seeds) =>
    [0, 0.3, 0.9].flatMap((ofSeeds) =>
      [10, 100].map((images) => scenario({ ...plain, shape: exponential, images, seeds, ofSeeds })),
    ),
  ),
];

function scenario(design: Omit<Scenario, 'name'>): Scenario {
  const { shape, images, seeds, withinClass, ofSeeds } = design;
  const classes = withinClass > 0 ? ` in 10 classes, intraclass correlation ${withinClass}` : '';
  const trained = seeds > 1 ? `, ${seeds} seeds with ${100 * ofSeeds} % of the variance` : '';
  return { ...design, name: `${shape.name}, ${images} images${classes}${trained}` };
}

/** The class of each image: ten of them. */
export function classOf(id: string): string {
  return `class ${Number(id) % 10}`;
}

/** Differences of each seed for each image, about `effect`. */
export function differences(
  { shape, images, seeds, withinClass, ofSeeds }: Scenario,
  effect: number,
  ...labels: readonly (string | number)[]
): number[][] {
  const stream = randomStream(1, 'calibrate', ...labels);
  const ofClass = Array.from({ length: 10 }, () => Math.sqrt(withinClass) * stream.normal());
  const image = Array.from({ length: images }, (_, i) => {
    return Math.sqrt(1 - withinClass) * shape.draw(stream) + ofClass[i % 10]!;
  });
  if (seeds === 1) return [image.map((value) => value + effect)];
  // of the mean: 1 / images comes with the images, and as much again with each seed's own noise
  const others = 1 / images + 1 / (images * seeds);
  const deviation = Math.sqrt((others * seeds * ofSeeds) / (1 - ofSeeds));
  return Array.from({ length: seeds }, () => {
    const seed = deviation * stream.normal();
    return image.map((value) => value + effect + seed + stream.normal());
  });
}
