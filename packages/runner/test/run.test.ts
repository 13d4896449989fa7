import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runStudy } from '../src/index.ts';
import { temporaryFolder, toyPackages, toyStudy, writeStudy } from './toy-study.ts';

test('a study runs from data to report', async () => {
  const file = writeStudy(temporaryFolder(), toyStudy());
  const result = await runStudy({ file, packages: toyPackages });
  expect([...result.failures]).toEqual([]);
  expect(result.status).toBe('ok');
  expect(readFileSync(result.outputs[0]!, 'utf8')).toMatchInlineSnapshot(`
    "study toy
    mass[explainer=toy/flat,seed=0,sparsity=0] mass [0,0,0,0,0,0]
    mass[explainer=toy/gradient,seed=0,sparsity=0] mass [9.564695137523813,3.904969547901601,9.251999607971811,6.855402175860945,4.236385166981563,11.558473838798818]
    mass[explainer=toy/flat,seed=0,sparsity=0.25] mass [0,0,0,0,0,0]
    mass[explainer=toy/gradient,seed=0,sparsity=0.25] mass [9.564695137523813,3.904969547901601,9.251999607971811,6.855402175860945,4.236385166981563,11.558473838798818]
    mass[explainer=toy/flat,seed=0,sparsity=0.5] mass [0,0,0,0,0,0]
    mass[explainer=toy/gradient,seed=0,sparsity=0.5] mass [9.564695137523813,3.904969547901601,9.251999607971811,6.855402175860945,4.236385166981563,11.558473838798818]
    mass[explainer=toy/flat,seed=1,sparsity=0] mass [0,0,0,0,0,0]
    mass[explainer=toy/gradient,seed=1,sparsity=0] mass [13.674584086984396,6.605730075083557,11.177732051350176,11.010005733038724,6.966005321970442,10.778072240645997]
    mass[explainer=toy/flat,seed=1,sparsity=0.25] mass [0,0,0,0,0,0]
    mass[explainer=toy/gradient,seed=1,sparsity=0.25] mass [13.674584086984396,6.605730075083557,11.177732051350176,11.010005733038724,6.966005321970442,10.778072240645997]
    mass[explainer=toy/flat,seed=1,sparsity=0.5] mass [0,0,0,0,0,0]
    mass[explainer=toy/gradient,seed=1,sparsity=0.5] mass [13.674584086984396,6.605730075083557,11.177732051350176,11.010005733038724,6.966005321970442,10.778072240645997]
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
