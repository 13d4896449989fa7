/** What no classifier of images comes near: beyond it, a file is refused. */
export const limits = {
  /** A protobuf message may not be larger. */
  fileBytes: 2 ** 31 - 1,
  /** Tensors beside the file. */
  externalBytes: 2 ** 33,
  nodes: 100_000,
  tensors: 100_000,
  rank: 8,
  /** Values of one tensor. */
  values: 2 ** 30,
  /** Values of one tensor that are written one by one instead of as bytes. */
  listedValues: 2 ** 24,
  /** Of names and of other text. */
  characters: 4096,
  /** Messages in messages: a model, its graph, a node, an attribute, a tensor. */
  depth: 12,
  /** Values that folding computes, of one constant and of all. */
  foldedValues: 2 ** 24,
  allFoldedValues: 2 ** 26,
} as const;

/** Versions of ONNX' own operators whose meaning is known here. */
export const opsets = { first: 9, last: 24 } as const;
