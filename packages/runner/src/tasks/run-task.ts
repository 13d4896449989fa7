import { deriveSeed, type Entry, fingerprintOf, heldPort, labelOf, type Services, StudyError } from '@espalier/core';
import type { ArtifactRef, BlobRef } from '@espalier/store';
import type { ArtifactKind } from '@espalier/study';
import type { MadeBy, Values } from '../artifacts/artifact-kinds.ts';
import { named, readManifest, storeArtifact } from '../artifacts/index.ts';
import { modelSummary } from '../artifacts/model.ts';
import { nodeKinds } from '../kinds/index.ts';
import type { Instance, InstanceInputs, Outputs, RunnableKind } from '../kinds/node-kind.ts';
import { train } from '../kinds/train.ts';
import { pluginServices } from '../plugins/plugin-services.ts';
import { trainWithCheckpoints } from '../training/training.ts';
import type { Task, TaskHost, TaskInput, TaskOutputs } from './task.ts';
import { checkAgreement, checkNumerics } from './task-agreement.ts';
import { numericsFor } from './task-of.ts';
import type { TaskContext, Workbench } from './workbench.ts';

/** The time, as the host tells it. */
export interface Clock {
  now(): Date;
}

/**
 * Runs one task in this process and writes its outputs, its key record last.
 * @throws StudyError `core/data-corrupt` where files that a node names are no longer those of its key; and what the task itself throws
 */
export async function runTask(
  task: Task,
  { signal, progress, log }: TaskHost,
  bench: Workbench,
  clock: Clock,
): Promise<TaskOutputs> {
  const started = clock.now();
  const { packages, folder, compute, cacheFolder } = task;
  const context = { packages, folder, services: { signal, progress, log, compute, folder, cacheFolder } };
  const services = pluginServices(context.services, task.seed);
  const inUse: string[] = [];
  try {
    const madeBy = { package: task.package, plugin: task.plugin, options: task.options.plugin, seed: task.seed };
    const { kind, port, portAt, label } = await nodeOf(task, madeBy, context, bench);
    checkNumerics(
      task,
      kind,
      await numericsFor(kind.arithmetic, task.inputs, (model) => bench.numericsOf(model, context)),
    );
    const trainings = trainingsOf(task.key, services, bench);
    const instance: Instance = {
      use: task.origin.use,
      label,
      madeBy,
      options: task.options.kind,
      inputs: inputsOf(task.inputs, context, bench, inUse),
      baseline: task.baseline ? inputsOf(task.baseline, context, bench, inUse) : undefined,
      services,
      provenance: task.provenance ?? undefined,
      missing: task.components.missing ?? [],
      train: trainings.train,
      portAt,
    };
    const { outputs, blobs } = await storedOutputs(await kind.run(port, instance), bench);
    const ms = clock.now().getTime() - started.getTime();
    const madeAs = { instance: task.origin.instance, at: started.toISOString(), ms };
    await bench.store.putRecord({ key: task.key, components: task.components, outputs, blobs, madeAs });
    await trainings.clear();
    return outputs;
  } finally {
    for (const id of inUse) bench.live.done(id);
  }
}

async function storedOutputs(
  made: Outputs,
  bench: Workbench,
): Promise<{ readonly outputs: TaskOutputs; readonly blobs: readonly BlobRef[] }> {
  const outputs: Record<string, ArtifactRef> = {};
  const blobs = new Map<string, BlobRef>();
  for (const [name, artifact] of Object.entries(made)) {
    const stored = await storeArtifact(bench.store, artifact);
    outputs[name] = stored.ref;
    for (const blob of stored.blobs) blobs.set(blob.sha256, blob);
    // A model takes long to open. All else is read back as it was stored, so that nothing depends on who computed it: an
    // object just made has its keys in another order, which a report would show.
    if (artifact.kind === 'model') bench.live.keep(stored.ref.manifest, stored.ref.bytes, artifact);
  }
  return { outputs, blobs: [...blobs.values()] };
}

/** The trainings of one instance, each with checkpoints of its own until the instance is done. */
function trainingsOf(
  key: string,
  services: Services,
  bench: Workbench,
): { readonly train: Instance['train']; clear(): Promise<void> } {
  const open = new Set([bench.store.checkpoint(key)]);
  return {
    train(model, data, options, { select, stage } = {}) {
      const checkpoints = bench.store.checkpoint(key, stage);
      open.add(checkpoints);
      const seed = stage === undefined ? services.seed : deriveSeed(services.seed, stage);
      return trainWithCheckpoints(model, data, options, { services: { ...services, seed }, checkpoints, select });
    },
    async clear() {
      for (const checkpoints of open) await checkpoints.clear();
    },
  };
}

// Training is no plugin: what it does is told by the options of its node.
const training = { name: 'training', options: { shape: {} } };

async function nodeOf(
  task: Task,
  madeBy: MadeBy,
  context: TaskContext,
  bench: Workbench,
): Promise<{ kind: RunnableKind; port: unknown } & Pick<Instance, 'label' | 'portAt'>> {
  const { kind: name, seed, components } = task;
  if (name === null) {
    checkAgreement(task, train);
    return { kind: train, port: undefined, label: () => labelOf(training, {}) };
  }
  const kind = nodeKinds[name];
  const plugin = await bench.plugin(name, madeBy.package, madeBy.plugin, context);
  checkAgreement(task, kind, plugin);
  const { use } = task.origin;
  const services = pluginServices(context.services, seed, plugin, use);
  const fingerprint = await fingerprintOf(plugin, use, madeBy.options, services);
  if (fingerprint !== components.fingerprint) throw otherFiles(task);
  const label: Instance['label'] = (of) => labelOf(plugin, madeBy.options, of);
  if (kind.reopens) return { kind, label, port: await bench.port(name, madeBy, context) };
  const portOf = async (options: unknown) => heldPort(name, await plugin.create(options, services), use, plugin);
  const { atLevel } = plugin;
  return {
    ...{ kind, label, port: await portOf(madeBy.options) },
    portAt: atLevel && ((sparsity) => portOf(atLevel(madeBy.options, sparsity))),
  };
}

function otherFiles({ origin }: Task): StudyError {
  return new StudyError(
    'core/data-corrupt',
    `The files that the options of ${origin.instance} point to are not those that the run found: they have changed since, or are others on this machine. Run the study again, with the same files everywhere.`,
  );
}

function inputsOf(
  inputs: Readonly<Record<string, readonly TaskInput[]>>,
  context: TaskContext,
  bench: Workbench,
  inUse: string[],
): InstanceInputs {
  const open = async <K extends ArtifactKind>({ artifact, origin }: TaskInput, kind: K): Promise<Values[K]> => {
    const opened = await bench.open(artifact, context);
    if (opened.kind !== kind)
      throw new StudyError(
        'store/corrupt',
        `${origin.instance} holds ${opened.kind}, not ${kind}. Run the study again.`,
      );
    return named(kind, opened.value as Values[K], origin); // its kind was just compared
  };
  const load = async <K extends ArtifactKind>(input: TaskInput, kind: K): Promise<Values[K]> => {
    const value = await open(input, kind);
    inUse.push(input.artifact.manifest);
    return value;
  };
  const all = (port: string): readonly TaskInput[] => inputs[port] ?? [];
  return {
    has: (port) => all(port).length > 0,
    load: (port, kind) => load(all(port)[0]!, kind),
    // Not held open: a report may read hundreds, one after the other.
    entries: (port, kind) =>
      all(port).map(
        (input): Entry<Values[typeof kind]> => ({
          origin: input.origin,
          load: async () => {
            const value = await open(input, kind);
            bench.live.done(input.artifact.manifest);
            return value;
          },
        }),
      ),
    summaries: (port) =>
      all(port).map(({ origin, artifact }) => ({
        origin,
        load: async () => modelSummary(await readManifest(bench.store, artifact), artifact.digest),
      })),
  };
}
