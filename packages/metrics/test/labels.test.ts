import { describeLabels, type OptionTrials } from '@espalier/core/testing';
import { plugins } from '@espalier/metrics';

const trials: Readonly<Record<string, OptionTrials>> = {
  road: { values: { noise: [0, 0.2], tolerance: [0.5] } },
  localisation: { bases: [{}, { area: true }], values: { regions: [['row'], ['pixel', 'row']] } },
  mprt: { bases: [{}, { similarities: ['ssim'], draws: 2 }] },
  'smooth-mprt': { bases: [{ samples: 3, draws: 2 }], values: { samples: [2], draws: [1] } },
  'efficient-mprt': { bases: [{ draws: 2 }], values: { draws: [1] } },
  'random-logit': { bases: [{}, { similarities: ['ssim', 'rank'] }] },
};

for (const plugin of plugins) describeLabels(plugin, trials[plugin.name]);
