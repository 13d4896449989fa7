import { StudyError } from '@espalier/core';

const refuse = (): never => {
  throw new StudyError('core/not-supported', 'The wasm engine does not have this operation yet.');
};

/** What the next commits bring. */
export class NotYet {
  convolveDepthwise = refuse;
  convolveDepthwiseInputGradient = refuse;
  convolveDepthwiseKernelGradient = refuse;
  activate = refuse;
  activateGradient = refuse;
  layerNorm = refuse;
  layerNormGradient = refuse;
  softmax = refuse;
  softmaxGradient = refuse;
  sumTo = refuse;
  scale = refuse;
  batchedMatmul = refuse;
  reshape = refuse;
  transpose = refuse;
  slice = refuse;
  concat = refuse;
  pad = refuse;
  everyNth = refuse;
  spread = refuse;
}
