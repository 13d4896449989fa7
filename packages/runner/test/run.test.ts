import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { runStudy } from '../src/index.ts';
import { toyPackages, toyStudy, writeStudy } from './toy-study.ts';

test('a study runs from data to report', async () => {
  const file = writeStudy(temporaryFolder(), toyStudy());
  const result = await runStudy({ file, packages: toyPackages });
  expect([...result.failures]).toEqual([]);
  expect(result.status).toBe('ok');
  expect(readFileSync(result.outputs[0]!, 'utf8')).toMatchInlineSnapshot(`
    "study toy
    mass[explainer=toy/flat,seed=0,sparsity=0] mass [0,0,0,0,0,0]
    mass[explainer=toy/gradient,seed=0,sparsity=0] mass [166.7063528522849,157.8488331157714,158.4390157382004,164.93996938876808,153.03772191354074,156.5026375046]
    mass[explainer=toy/flat,seed=0,sparsity=0.25] mass [0,0,0,0,0,0]
    mass[explainer=toy/gradient,seed=0,sparsity=0.25] mass [201.57497270032763,190.86479714512825,191.57842350937426,199.4391286643222,185.04738455009647,189.2370280828327]
    mass[explainer=toy/flat,seed=0,sparsity=0.5] mass [0,0,0,0,0,0]
    mass[explainer=toy/gradient,seed=0,sparsity=0.5] mass [48.45963001996279,45.88485026929993,46.0564095324371,47.94616230460815,44.48631525837118,45.493526509730145]
    mass[explainer=toy/flat,seed=1,sparsity=0] mass [0,0,0,0,0,0]
    mass[explainer=toy/gradient,seed=1,sparsity=0] mass [406.4909007064998,384.8930350597948,386.33211542479694,402.18381351418793,373.16179061029106,381.6105190254748]
    mass[explainer=toy/flat,seed=1,sparsity=0.25] mass [0,0,0,0,0,0]
    mass[explainer=toy/gradient,seed=1,sparsity=0.25] mass [184.57935293577611,174.77219706727192,175.4256539233029,182.62359149567783,169.44527390040457,173.2816714718938]
    mass[explainer=toy/flat,seed=1,sparsity=0.5] mass [0,0,0,0,0,0]
    mass[explainer=toy/gradient,seed=1,sparsity=0.5] mass [69.39072147849947,65.70382127654739,65.94948231102899,68.65547302714549,63.70121971343178,65.14347390457988]
    nonzero[seed=0,sparsity=0] nonzero [60]
    nonzero[seed=0,sparsity=0.25] nonzero [45]
    nonzero[seed=0,sparsity=0.5] nonzero [30]
    nonzero[seed=1,sparsity=0] nonzero [60]
    nonzero[seed=1,sparsity=0.25] nonzero [45]
    nonzero[seed=1,sparsity=0.5] nonzero [30]
    prune[seed=0,sparsity=0] kernel sparsity 0.0000
    prune[seed=0,sparsity=0.25] kernel sparsity 0.2000
    prune[seed=0,sparsity=0.5] kernel sparsity 0.4000
    prune[seed=1,sparsity=0] kernel sparsity 0.0000
    prune[seed=1,sparsity=0.25] kernel sparsity 0.2000
    prune[seed=1,sparsity=0.5] kernel sparsity 0.4000
    attr[explainer=toy/flat,seed=0,sparsity=0] by toy/flat
    attr[explainer=toy/gradient,seed=0,sparsity=0] by toy/gradient
    attr[explainer=toy/flat,seed=0,sparsity=0.25] by toy/flat
    attr[explainer=toy/gradient,seed=0,sparsity=0.25] by toy/gradient
    attr[explainer=toy/flat,seed=0,sparsity=0.5] by toy/flat
    attr[explainer=toy/gradient,seed=0,sparsity=0.5] by toy/gradient
    attr[explainer=toy/flat,seed=1,sparsity=0] by toy/flat
    attr[explainer=toy/gradient,seed=1,sparsity=0] by toy/gradient
    attr[explainer=toy/flat,seed=1,sparsity=0.25] by toy/flat
    attr[explainer=toy/gradient,seed=1,sparsity=0.25] by toy/gradient
    attr[explainer=toy/flat,seed=1,sparsity=0.5] by toy/flat
    attr[explainer=toy/gradient,seed=1,sparsity=0.5] by toy/gradient
    "
  `);
});
