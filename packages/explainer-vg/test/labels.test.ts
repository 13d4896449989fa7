import { ndArray, plainServices } from '@espalier/core';
import { describeLabels, toyModel } from '@espalier/core/testing';
import { saliency } from '@espalier/explainer-vg';

describeLabels(saliency, {
  // Another deviation than the toy model's 1, of which the space of the gradient makes nothing.
  async make(options) {
    const model = toyModel();
    const input = { ...model.input, std: [0.5, 0.25, 2] };
    const explainer = await saliency.create(options, plainServices());
    const images = ndArray('n h w c', [1, 8, 8, 3], new Float32Array(192).fill(0.5));
    return [explainer.reduction, await explainer.explain({ ...model, input }, images, [0])];
  },
});
