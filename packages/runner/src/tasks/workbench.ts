import {
  type Dataset,
  type Explainer,
  explainerOver,
  heldPort,
  type Kind,
  type ModelFactory,
  type Numerics,
  type Plugin,
  type Ports,
  StudyError,
} from '@espalier/core';
import { type ArtifactRef, canonicalJson, type Store } from '@espalier/store';
import type { PackageLoader } from '@espalier/study';
import type { Artifact, MadeBy } from '../artifacts/artifact-kinds.ts';
import type { Opener } from '../artifacts/codec.ts';
import { readArtifact, readManifest } from '../artifacts/index.ts';
import { modelMadeBy } from '../artifacts/model.ts';
import type { PluginRegistry } from '../plugins/plugin-registry.ts';
import { type HostServices, pluginServices } from '../plugins/plugin-services.ts';
import { type LiveValues, liveValues } from './live-values.ts';

/** What a task may open, and the context that plugins are created in. */
export interface TaskContext {
  readonly packages: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly services: HostServices;
}

/** Plugins and artifacts opened in this process, each once. */
export interface Workbench {
  readonly store: Store;
  readonly live: LiveValues;
  plugin(kind: Kind, packageName: string, plugin: string, context: TaskContext): Promise<Plugin>;
  /** The port of a plugin; the same one for the same options, seed and arithmetic. */
  port(kind: Kind, madeBy: MadeBy, context: TaskContext): Promise<Ports[Kind]>;
  opener(context: TaskContext): Opener;
  /** An artifact, open until `live.done(ref.manifest)` is called. */
  open(ref: ArtifactRef, context: TaskContext): Promise<Artifact>;
  /** What the factory of a stored model computes with here. */
  numericsOf(model: ArtifactRef, context: TaskContext): Promise<Numerics>;
}

// Enough for the models of a scan and a few maps; the rest is read again from the disk's cache.
export const standardLiveBytes = 1.5 * 2 ** 30;

/** @param liveBytes most bytes of artifacts that are kept open for later tasks */
export function workbench(
  store: Store,
  loader: PackageLoader,
  registry: PluginRegistry,
  liveBytes = standardLiveBytes,
): Workbench {
  const live = liveValues(liveBytes);
  const opened = onceEach();
  const numerics = onceEach();
  const bench: Workbench = {
    store,
    live,
    async plugin(kind, packageName, name, { packages, folder }) {
      if (!registry.get(kind, packageName, name)) {
        // A stored artifact names its package, and a store may come from anywhere: only what the study lists is imported.
        const specifier = Object.hasOwn(packages, packageName) ? packages[packageName] : undefined;
        if (specifier === undefined) throw notListed(packageName, packages);
        registry.add(await opened(`package ${specifier} ${folder}`, () => loader.load(specifier, folder)));
      }
      const found = registry.get(kind, packageName, name);
      if (found) return found;
      throw noPlugin(packageName, kind, name);
    },
    async port(kind, madeBy, context) {
      const plugin = await bench.plugin(kind, madeBy.package, madeBy.plugin, context);
      const key = canonicalJson(['port', kind, madeBy, context.folder, context.services.compute]);
      const by = `${madeBy.package}/${madeBy.plugin}`;
      const services = pluginServices(context.services, madeBy.seed, plugin, by);
      return opened(key, async () => heldPort(kind, await plugin.create(madeBy.options, services), by, plugin));
    },
    opener: (context) => ({
      dataset: async (madeBy) => (await bench.port('dataset', madeBy, context)) as Dataset, // what a plugin of this kind creates
      factory: async (madeBy) => (await bench.port('model', madeBy, context)) as ModelFactory, // the same
      async explainer(madeBy) {
        const port = (await bench.port('explainer', madeBy, context)) as Explainer; // the same
        if (!madeBy.over) return port;
        const other = await bench.opener(context).explainer(madeBy.over);
        return explainerOver(port, other, `${madeBy.package}/${madeBy.plugin}`);
      },
    }),
    open: (ref, context) => live.use(ref.manifest, ref.bytes, () => readArtifact(store, ref, bench.opener(context))),
    async numericsOf(ref, context) {
      const madeBy = modelMadeBy((await readManifest(store, ref)).json);
      const key = canonicalJson([madeBy.package, madeBy.plugin, context.services.compute]);
      return numerics(key, () => numericsFound(bench, ref, madeBy, context));
    },
  };
  return bench;
}

/** Opens what a key stands for once; again only where that failed. */
function onceEach(): <Value>(key: string, open: () => Promise<Value>) => Promise<Value> {
  const opened = new Map<string, Promise<unknown>>();
  return <Value>(key: string, open: () => Promise<Value>) => {
    const found = opened.get(key) as Promise<Value> | undefined; // the key says what it is
    if (found) return found;
    const value = open();
    opened.set(key, value);
    value.catch(() => opened.delete(key));
    return value;
  };
}

async function numericsFound(
  bench: Workbench,
  ref: ArtifactRef,
  madeBy: MadeBy,
  context: TaskContext,
): Promise<Numerics> {
  const factory = await bench.opener(context).factory(madeBy);
  if (factory.numerics) return factory.numerics();
  const artifact = await bench.open(ref, context);
  try {
    if (artifact.kind === 'model') return artifact.value.model.numerics;
    throw new StudyError('store/corrupt', `Expected a stored model, found ${artifact.kind}. Run the study again.`);
  } finally {
    bench.live.done(ref.manifest);
  }
}

function notListed(packageName: string, packages: TaskContext['packages']): StudyError {
  return new StudyError(
    'runner/plugin-not-found',
    `A stored result was made by the package "${packageName}", which the study does not list (it lists ${Object.keys(packages).join(', ')}). ` +
      'Add it under "plugins", or use another store.',
  );
}

function noPlugin(packageName: string, kind: Kind, name: string): StudyError {
  return new StudyError(
    'runner/plugin-not-found',
    `The package "${packageName}" has no ${kind} "${name}". Install the version that the study was run with.`,
  );
}
