import type { Model } from '../networks/model.ts';

/** How to make the model under test, always the same one, with at least one layer and two classes. */
export interface ModelMaker {
  create(): Model | Promise<Model>;
  /** Values on the device not yet released, over all models; 0 where nothing is on a device. */
  live(): number;
}
