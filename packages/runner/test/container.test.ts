import { StudyError } from '@espalier/core';
import { folderStore } from '@espalier/store';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import {
  createContainer,
  type Executor,
  openStudy,
  pluginToken,
  type RunEvent,
  service,
  type Task,
  tokens,
} from '../src/index.ts';
import { registryOf } from '../src/services/container.ts';
import { plugins } from './toy-plugins.ts';
import { runToy, toyPackages, toyStudy, writeStudy } from './toy-study.ts';

test('a host program binds services of its own', async () => {
  const events: RunEvent[] = [];
  const result = await runToy(temporaryFolder(), toyStudy(), {
    profile: 'short',
    bind(container) {
      container.rebind(tokens.clock).toConstantValue({ now: () => new Date(Date.UTC(2026, 0, 2)) });
      container.rebind(tokens.listener).toConstantValue((event: RunEvent) => void events.push(event));
    },
  });
  expect(result.folder).toMatch(/runs[\\/]20260102T000000Z-/);
  expect(events[0]).toMatchObject({ type: 'run-started' });
  expect(events.at(-1)).toEqual({ type: 'run-finished', status: 'ok', ms: 0 });
});

test('an executor of another kind gets tasks that are plain JSON and refer to the store only', async () => {
  const tasks: Task[] = [];
  await runToy(temporaryFolder(), toyStudy(), {
    profile: 'short',
    bind(container) {
      const inner = service<Executor>(container, tokens.executor);
      const executor: Executor = {
        name: 'copying',
        slots: 1,
        // What a task loses on its way through JSON would be lost on its way to another process.
        run: (task, watcher) => {
          tasks.push(task);
          return inner.run(JSON.parse(JSON.stringify(task)), watcher);
        },
        close: () => inner.close(),
      };
      container.rebind(tokens.executor).toConstantValue(executor);
    },
  });
  expect(tasks.length).toBeGreaterThan(10);
  for (const task of tasks) expect(JSON.parse(JSON.stringify(task))).toEqual(task);
});

test('the host decides on the engine over the study', async () => {
  const file = writeStudy(temporaryFolder(), { ...toyStudy(), compute: { engine: 'tensorflow' } });
  const bind = (container: ReturnType<typeof createContainer>) =>
    void container.rebind(tokens.compute).toConstantValue({ engine: 'wasm' });
  expect((await openStudy({ file, packages: toyPackages, bind })).plan.compute.engine).toBe('wasm');
});

test('plugins are bound by kind and name, and a host may put its own in their place', () => {
  const container = createContainer({ store: folderStore(temporaryFolder()) });
  const registry = registryOf(container);
  const [data] = plugins;
  const mine = { ...data!, cacheVersion: 'mine' };
  container.bind(pluginToken('dataset')).toConstantValue(mine).whenNamed('toys/noise');
  const found = new Map(plugins.map((plugin) => [plugin.name, plugin]));
  registry.add({ specifier: 'toys', name: 'toys', version: '1', codes: {}, plugins: found as never });
  expect(registry.get('dataset', 'toys', 'noise')).toBe(mine);
  expect(registry.get('metric', 'toys', 'mass')).toMatchObject({ name: 'mass' });
  expect(registry.get('metric', 'toys', 'noise')).toBeUndefined();
});

test('a task that names a plugin which its package does not have is refused', async () => {
  const container = createContainer({ store: folderStore(temporaryFolder()), packages: toyPackages });
  const bench = service(container, tokens.workbench);
  const context = { packages: { 'toy-plugins': 'toy-plugins' }, folder: '.', services: {} as never };
  const error = await bench.plugin('metric', 'toy-plugins', 'gini', context).catch((reason) => reason);
  expect(StudyError.is(error) && error.message).toBe(
    'The package "toy-plugins" has no metric "gini". Install the version that the study was run with.',
  );
  // A stored artifact may name any package; what the study does not list is not imported.
  const hostile = await bench.plugin('metric', './evil.js', 'gini', context).catch((reason) => reason);
  expect(StudyError.is(hostile) && hostile.message).toBe(
    'A stored result was made by the package "./evil.js", which the study does not list (it lists toy-plugins). Add it under "plugins", or use another store.',
  );
});
