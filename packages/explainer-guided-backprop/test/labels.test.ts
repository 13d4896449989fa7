import { ndArray, plainServices } from '@espalier/core';
import { describeLabels, toyModel } from '@espalier/core/testing';
import { deconvnet, guidedBackprop } from '@espalier/explainer-guided-backprop';

for (const plugin of [guidedBackprop, deconvnet])
  describeLabels(plugin, {
    // Another deviation than the toy model's, of which the space of the input makes nothing.
    async make(options) {
      const model = toyModel();
      const images = ndArray('n h w c', [1, 8, 8, 3], new Float32Array(192).fill(0.75));
      const explainer = await plugin.create(options, plainServices());
      const input = { ...model.input, std: [0.5, 0.25, 0.125] };
      return [explainer.reduction, await explainer.explain({ ...model, input }, images, [0])];
    },
  });
