import type { EpochRecord, InputSpec, Masks, Model, Numerics, Weights } from './model.ts';

/** What a network must fit: the images it takes and the classes it tells apart. */
export interface ModelSpec {
  readonly input: InputSpec;
  readonly classes: readonly string[];
}

/** The parts of a model that a store keeps. */
export interface ModelState {
  readonly weights: Weights;
  readonly masks: Masks;
  readonly history: readonly EpochRecord[];
}

/**
 * Makes the models of one architecture.
 * @example
 * const factory = await createFrom(resnet18, { width: 16 }, plainServices());
 * using model = await factory.create({ input, classes }, 1);
 * using same = await factory.restore({ input, classes }, { weights: await model.weights(), masks: model.masks, history: [] });
 */
export interface ModelFactory {
  /** For example `resnet18`. */
  readonly architecture: string;
  /** What its models compute with here. Without it, a host finds out from a model that it restores. */
  readonly numerics?: () => Promise<Numerics>;
  /** A model as training starts from it: seeded random weights, or the ones that the options name. */
  create(spec: ModelSpec, seed: number): Promise<Model>;
  /** @throws StudyError `core/weights-mismatch`, listing missing, unknown and misshapen parameters. */
  restore(spec: ModelSpec, state: ModelState): Promise<Model>;
}
