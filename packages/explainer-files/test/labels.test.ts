import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ndArray } from '@espalier/core';
import { describeLabels } from '@espalier/core/testing';
import { plugins } from '@espalier/explainer-files';
import { writeNpy } from '@espalier/formats';
import { afterAll } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'espalier-maps-labels-'));
afterAll(() => rmSync(folder, { recursive: true }));

// The laws ask for maps of the images a, b and c.
const map = (value: number) => ndArray('h w', [8, 8], new Float32Array(64).fill(value));
for (const id of ['a', 'b', 'c']) writeFileSync(join(folder, `${id}.npy`), writeNpy(map(1)));

for (const plugin of plugins)
  describeLabels(plugin, {
    bases: [{ folder, layout: 'h w' }],
    values: { unit: ['logit'] },
    untriable: {
      folder: 'whose maps they are is told by the labels of axes, as it is of models; so are those of the next two',
      within: 'see `folder`',
      file: 'see `folder`',
      layout: 'maps of one order of axes fit no other',
    },
  });
