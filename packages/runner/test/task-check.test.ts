import type { Store } from '@espalier/store';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { runTask, type Task, type TaskWatcher, tokens } from '../src/index.ts';
import { service } from '../src/services/container.ts';
import { checkedTask, checkInputs } from '../src/tasks/task-check.ts';
import { taskShape } from '../src/tasks/task-shape.ts';
import type { Workbench } from '../src/tasks/workbench.ts';
import { performer } from '../src/workers/serving.ts';
import { runToy, smallStudy } from './toy-study.ts';

/** Every task of the toy study, and what they were run with. */
async function noteTasks(): Promise<{ tasks: readonly Task[]; bench: Workbench; store: Store }> {
  const tasks: Task[] = [];
  let bench: Workbench | undefined;
  await runToy(temporaryFolder(), smallStudy(), {
    bind(container) {
      bench = service(container, tokens.workbench);
      const used = bench;
      container.rebind(tokens.executor).toConstantValue({
        name: 'noting',
        slots: 1,
        run(task: Task, watcher: TaskWatcher) {
          tasks.push(JSON.parse(JSON.stringify(task)));
          return runTask(task, watcher, used, { now: () => new Date(0) });
        },
        async close() {},
      });
    },
  });
  return { tasks, bench: bench!, store: bench!.store };
}

const toyTasks = once(noteTasks);

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}

const host = { signal: new AbortController().signal, progress() {}, log() {} };

// What no key states: where and how a task runs, and what people call it.
const free =
  /^(folder|cacheFolder|packages|compute|resources|origin|provenance)$|^(inputs|baseline)\.[^.]+\.\d+\.(origin|artifact\.bytes)/;

/** Copies of a task, in each of which one value is another one, or gone. */
function* changed(task: Task): Generator<readonly [path: string, value: unknown]> {
  function* within(value: unknown, path: readonly string[]): Generator<readonly [readonly string[], unknown]> {
    const at = path.join('.');
    if (free.test(at) && !(path[0] === 'provenance')) return;
    if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) yield* within(item, [...path, key]);
    if (path.length === 0) return;
    yield [path, another(value)];
  }
  for (const [where, other] of within(task, [])) {
    const copy = structuredClone(task) as unknown as Record<string, unknown>;
    const around = where.slice(0, -1).reduce((part, key) => part[key] as Record<string, unknown>, copy);
    around[where.at(-1)!] = other;
    yield [where.join('.'), copy];
  }
}

function another(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string')
    return /^[0-9a-f]{64}/.test(value) ? `${value[0] === 'a' ? 'b' : 'a'}${value.slice(1)}` : `${value}x`;
  if (value === null) return 'x';
  return Array.isArray(value) ? [...value, ...value, 0] : { ...value, extra: 1 };
}

test('a task in which any part is another than its key states is refused, by what is read of it or by its plugin', async () => {
  const { tasks, bench, store } = await toyTasks();
  const kinds = new Set(tasks.map(({ kind }) => kind));
  expect(kinds.size).toBeGreaterThan(6);
  const passed: string[] = [];
  for (const task of tasks.filter(({ kind }, index) => tasks.findIndex((other) => other.kind === kind) === index)) {
    expect(checkedTask(structuredClone(task))).toEqual(task);
    await checkInputs(task, store);
    for (const [path, other] of changed(task)) {
      const ran = Promise.resolve(other)
        .then(checkedTask)
        .then(async (read) => {
          await checkInputs(read, store);
          await runTask(read, host, bench, { now: () => new Date(0) });
        });
      const refused = await ran.then(
        () => undefined,
        (error: unknown) => error,
      );
      if (refused === undefined) passed.push(`${task.kind} ${path}`);
    }
  }
  expect(passed).toEqual([]);
}, 60_000);

test('a manifest of another result than the key states is refused', async () => {
  const { tasks, store } = await noteTasks();
  const task = tasks.find(({ kind }) => kind === 'explainer')!;
  const other = tasks
    .map(({ inputs }) => inputs.model?.[0]?.artifact)
    .find((found) => found && found.digest !== task.inputs.model![0]!.artifact.digest)!;
  const swapped = structuredClone(task);
  Object.assign(swapped.inputs.model![0]!.artifact, { manifest: other.manifest });
  await expect(checkInputs(checkedTask(swapped), store)).rejects.toThrow('is not that of what the store holds of it');
});

test.each([
  '/etc/evil.mjs',
  '../evil.mjs',
  '..',
  './..',
  './a/../../evil.mjs',
  'data:text/javascript,1',
  'file:///evil.mjs',
  'node_modules/x/y.mjs',
  '',
])('a task that names the package %j is refused', async (specifier) => {
  const { tasks } = await toyTasks();
  const [task] = tasks;
  const evil = { ...task, packages: { ...task!.packages, extra: specifier } };
  expect(() => checkedTask(evil)).toThrow('The task names the package');
});

test.each(['.', './', './mine', '@a/b'])('a task may name the package %j', async (specifier) => {
  const { tasks } = await toyTasks();
  const [task] = tasks;
  const named = { ...task, packages: { ...task!.packages, extra: specifier } };
  expect(checkedTask(named)).toEqual(named);
});

test.each([undefined, null, 1, 'task', [], {}, { key: 'x' }, { components: {} }, { origin: { instance: {} } }])(
  'a worker answers what is no task (%j)',
  async (value) => {
    const { store } = await toyTasks();
    const executor = { name: 'none', slots: 1, run: () => Promise.reject(new Error('ran')), async close() {} };
    const { perform, numericsOf } = performer({ executor, store, machine: 'here', placed: (place) => place });
    const watcher = { ...host, started() {}, memory() {} };
    expect(await perform(value as never, watcher)).toMatchObject({
      type: 'failed',
      failure: { code: 'files/invalid' },
    });
    const asked = await numericsOf(value as never, value as never);
    expect(asked).toMatchObject({ type: 'failed', failure: { code: 'files/invalid' } });
  },
);

test('what a worker records of a task has the bytes that it has without a queue', async () => {
  const { tasks } = await toyTasks();
  const texts = tasks.map(({ components }) => JSON.stringify(components));
  expect(tasks.map((task) => JSON.stringify(taskShape(task).components))).toEqual(texts);
});
