import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeLabels } from '@espalier/core/testing';
import { writeSafetensors } from '@espalier/formats';
import { plugins, type ResnetName, resnet } from '@espalier/model-resnet';
import { parametersOf } from '@espalier/nn';
import { initialWeights, usualInitial } from '@espalier/nn/architectures';
import { afterAll, beforeAll, describe } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'espalier-labels-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(plugins.map((plugin) => [plugin.name, plugin] as const))('%s', (name, plugin) => {
  const weights = join(folder, `${name}.safetensors`);
  beforeAll(() => {
    const parameters = parametersOf(resnet(name as ResnetName, 1, { classes: 3 }));
    writeFileSync(weights, writeSafetensors(initialWeights(parameters, usualInitial, 1)));
  });
  describeLabels(plugin, { bases: [{ width: 1 }], values: { width: [2], weights: [weights], head: ['new'] } });
});
