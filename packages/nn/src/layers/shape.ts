/** Sizes of a value for one image: the batch, always the first axis on the device, is left out. Channels come last. */
export type Shape = readonly number[];
