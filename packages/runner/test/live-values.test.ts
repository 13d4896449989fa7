import { toyModel } from '@espalier/core/testing';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import type { Artifact } from '../src/artifacts/artifact-kinds.ts';
import { type RunEvent, service, tokens } from '../src/index.ts';
import { liveValues } from '../src/tasks/live-values.ts';
import { runToy, toyStudy } from './toy-study.ts';

function counting(closed: string[]) {
  return (name: string): Artifact => {
    const model = { ...toyModel(0), [Symbol.dispose]: () => void closed.push(name) };
    const madeBy = { package: 'toys', plugin: 'toy', options: {}, seed: 0 };
    return { kind: 'model', value: { model, madeBy, architecture: 'toy' } };
  };
}

test('what is used last is kept up to the bound, and what is in use is never closed', async () => {
  const closed: string[] = [];
  const model = counting(closed);
  const live = liveValues(25);
  const use = (name: string) => live.use(name, 10, async () => model(name));
  await use('a');
  live.done('a');
  await use('b');
  live.done('b');
  await use('a'); // now used later than b
  await use('c');
  expect(closed).toEqual(['b']);
  await use('d');
  await use('e');
  expect(closed).toEqual(['b']); // over the bound, but all in use
  live.done('a');
  expect(closed).toEqual(['b', 'a']);
  live.closeAll();
  expect(closed).toEqual(['b', 'a', 'c', 'd', 'e']);
});

test('what nobody needs any more is closed at once, or as soon as it is not in use', async () => {
  const closed: string[] = [];
  const model = counting(closed);
  const live = liveValues(100);
  live.keep('a', 10, model('a'));
  live.release('a');
  await live.use('b', 10, async () => model('b'));
  live.release('b');
  expect(closed).toEqual(['a']);
  live.done('b');
  expect(closed).toEqual(['a', 'b']);
});

test('an artifact that is open already is not kept twice', () => {
  const closed: string[] = [];
  const model = counting(closed);
  const live = liveValues(100);
  const first = model('first');
  live.keep('a', 10, first);
  live.keep('a', 10, first);
  live.keep('a', 10, model('second'));
  expect(closed).toEqual(['second']);
});

test('what only uses a model is done before the chain makes the next one', async () => {
  const order: string[] = [];
  const listener = (event: RunEvent) => void (event.type === 'done' && order.push(event.instance));
  await runToy(temporaryFolder(), toyStudy(), { listener, profile: 'short' });
  const at = (id: string) => order.indexOf(id);
  expect(at('mass[explainer=toy/gradient,seed=0,sparsity=0.25]')).toBeLessThan(at('prune[seed=0,sparsity=0.5]'));
  expect(at('nonzero[seed=0,sparsity=0.25]')).toBeLessThan(at('prune[seed=0,sparsity=0.5]'));
});

test('but for models, what was just made is read back as it was stored, whoever computed it', async () => {
  const kept = new Set<string>();
  const result = await runToy(temporaryFolder(), toyStudy(), {
    profile: 'short',
    bind(container) {
      const { live } = service(container, tokens.workbench);
      const { keep } = live;
      Object.assign(live, {
        keep(id: string, bytes: number, artifact: Artifact) {
          kept.add(artifact.kind);
          keep(id, bytes, artifact);
        },
      });
    },
  });
  expect(result.status).toBe('ok');
  expect([...kept]).toEqual(['model']);
});
