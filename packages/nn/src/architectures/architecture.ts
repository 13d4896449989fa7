import type { Plugin, Source } from '@espalier/core';
import type { InitialRule } from '../graph/initial-rule.ts';
import type { Network } from '../graph/network.ts';
import type { StartOptions } from './start-options.ts';

/** What a network is made for: images of a size in pixels, and a count of classes. */
export interface MadeFor {
  readonly height: number;
  readonly width: number;
  readonly classes: number;
}

/** Which images a family of networks takes. */
export interface FittingImages {
  /** With its article: `A ResNet`. */
  readonly family: string;
  /** As a sentence goes on: `images of at least 32 x 32 pixels`. */
  readonly which: string;
  readonly fit: (height: number, width: number) => boolean;
  /** What to do about others. */
  readonly advice: string;
}

/** Other names of the same parameters: a file may have them instead. */
export interface OtherNames {
  /** Whose names they are, for example `timm`. */
  readonly of: string;
  /** The name there of a parameter that is called `name` here. */
  readonly nameOf: (name: string) => string;
}

/** A family member that a study names: how its network is built, from what it starts, which files it reads. */
export interface Architecture<Options extends StartOptions> {
  /** Of the plugin and of the network, for example `resnet18`. */
  readonly name: string;
  readonly cacheVersion: string;
  readonly source: Source;
  readonly options: Plugin<'model', Options>['options'];
  readonly images: FittingImages;
  readonly network: (options: Options, made: MadeFor) => Network;
  readonly initial: InitialRule;
  readonly otherNames?: readonly OtherNames[];
  /**
   * The size of the images that weights are for, where their shapes depend on it.
   * @param shapeOf the shape of a parameter in the file, by its name here
   */
  readonly sizeOf?: (
    shapeOf: (name: string) => readonly number[] | undefined,
    options: Options,
  ) => Pick<MadeFor, 'height' | 'width'> | undefined;
}

/** What is assumed where it is not known yet: ImageNet. */
export const usual: MadeFor = { height: 224, width: 224, classes: 1000 };

/** The rule of networks that take any image which is large enough. */
export function atLeast(side: number, family: string): FittingImages {
  const which = `images of at least ${side} x ${side} pixels`;
  const advice = "Choose a larger size in the dataset's options.";
  return { family, which, fit: (height, width) => height >= side && width >= side, advice };
}
