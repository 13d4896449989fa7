import { fingerprintOf, type MissingInput, type Numerics, type Origin, type Provenance } from '@espalier/core';
import {
  type ArtifactRef,
  type CodePolicy,
  canonicalJson,
  type KeyComponents,
  type KeyInput,
  keyComponents,
  keyOf,
  sha256,
} from '@espalier/store';
import type { Arithmetic, PlannedInstance, Source, StudyPlan } from '@espalier/study';
import { pluginServices } from '../plugins/plugin-services.ts';
import type { Failure } from './failure.ts';
import { missingInputs } from './missing-inputs.ts';
import type { Task, TaskInput } from './task.ts';
import type { TaskContext, Workbench } from './workbench.ts';

/** Outputs of the instances that are finished, by instance and port. */
export type Finished = ReadonlyMap<string, Readonly<Record<string, ArtifactRef>>>;

/** Everything besides the instance that its task is made of. */
export interface TaskSetup {
  readonly plan: StudyPlan;
  readonly context: TaskContext;
  readonly bench: Workbench;
  /** What the factory of a stored model computes with where tasks run. */
  readonly numericsOf: (model: ArtifactRef) => Promise<Numerics>;
  readonly code: CodePolicy;
  /** Instances whose results in the store do not count. */
  readonly refresh: ReadonlySet<string>;
  readonly origins: ReadonlyMap<string, Origin>;
  /** Told what models compute with, as soon as that is known. */
  readonly onNumerics: (numerics: Numerics) => void;
  /** What reports say of this run. */
  readonly provenance: (finished: Finished) => Provenance;
}

/** Where every instance stands in the study. */
export function originsOf({ instances }: StudyPlan): ReadonlyMap<string, Origin> {
  return new Map(
    instances.map((instance): [string, Origin] => {
      const { id, node, type, labels } = instance;
      return [id, { instance: id, node, use: type.use, labels, ...(isOwnBaseline(instance) && { isBaseline: true }) }];
    }),
  );
}

/** Whether what an instance is compared with is what it was given. */
function isOwnBaseline({ inputs, baseline }: PlannedInstance): boolean {
  return (
    baseline !== undefined && canonicalJson(Object.fromEntries(baseline)) === canonicalJson(Object.fromEntries(inputs))
  );
}

/** The task of an instance whose inputs are all finished, or have failed where they may, with its key. */
export async function taskOf(
  instance: PlannedInstance,
  finished: Finished,
  setup: TaskSetup,
  failures: ReadonlyMap<string, Failure> = new Map(),
): Promise<Task> {
  const { plan, context, origins } = setup;
  const { type, options, seed } = instance;
  const inputs = taskInputs(instance.inputs, finished, origins);
  const baseline = instance.baseline ? taskInputs(instance.baseline, finished, origins) : null;
  const provenance = type.kind.reports ? setup.provenance(finished) : null;
  const missing = missingInputs(instance, failures, origins);
  const components = await componentsOf(instance, { inputs, baseline, provenance, missing }, setup);
  return {
    key: keyOf(components),
    components,
    origin: origins.get(instance.id)!,
    kind: type.plugin?.kind ?? null,
    package: type.package.name,
    plugin: type.name,
    packages: context.packages,
    options: { plugin: options.plugin, kind: options.kind },
    seed,
    inputs,
    baseline,
    compute: plan.compute,
    folder: plan.folder,
    cacheFolder: context.services.cacheFolder,
    provenance,
    resources: instance.execution.resources,
  };
}

function taskInputs(
  sources: ReadonlyMap<string, readonly Source[]>,
  finished: Finished,
  origins: ReadonlyMap<string, Origin>,
): Readonly<Record<string, readonly TaskInput[]>> {
  return Object.fromEntries(
    [...sources].map(([port, list]) => [
      port,
      list.flatMap((source) => {
        const artifact = finished.get(source.instance)?.[source.port];
        return artifact ? [{ origin: origins.get(source.instance)!, artifact }] : [];
      }),
    ]),
  );
}

/** What an instance's key is made of, as far as that does not depend on its inputs. */
export function ownComponents({
  type,
  options,
  seed,
  opens,
}: PlannedInstance): Pick<KeyComponents, 'type' | 'cacheVersion' | 'opens' | 'packages' | 'options' | 'seed'> {
  return {
    type: type.id,
    cacheVersion: type.cacheVersion,
    opens: Object.fromEntries(opens.map(({ id, cacheVersion }) => [id, cacheVersion])),
    packages: Object.assign({}, ...[type, ...opens].map((used) => used.package.codes)),
    options: options.key,
    seed,
  };
}

interface KeyedParts extends Pick<Task, 'inputs' | 'baseline' | 'provenance'> {
  readonly missing: readonly MissingInput[];
}

async function componentsOf(
  instance: PlannedInstance,
  { inputs, baseline, provenance, missing }: KeyedParts,
  { context, numericsOf, onNumerics }: TaskSetup,
): Promise<KeyComponents> {
  const { type, options, seed } = instance;
  const found = await numericsFor(type.kind.arithmetic, inputs, numericsOf);
  if (found) onNumerics(found);
  const { plugin, use } = type;
  const services = pluginServices(context.services, seed, plugin, use);
  const fingerprint = plugin ? await fingerprintOf(plugin, use, options.plugin, services) : null;
  return keyComponents({
    ...ownComponents(instance),
    fingerprint,
    inputs: keyInputsOf(inputs, provenance !== null),
    baseline: baseline && keyInputsOf(baseline, provenance !== null),
    numerics: found && relevantNumerics(found, type.kind.arithmetic),
    report: provenance && reportDigest(provenance),
    ...(missing.length > 0 && { missing }),
  });
}

/** What a key says of inputs: their digests, for reports with what they are called. */
export function keyInputsOf(all: Task['inputs'], isReport: boolean): KeyComponents['inputs'] {
  return Object.fromEntries(
    Object.entries(all).map(([port, list]) => [
      port,
      list.map(({ artifact: { digest }, origin }): KeyInput => (isReport ? { digest, origin } : digest)),
    ]),
  );
}

/** What the model among `inputs` computes with; null where there is none, or nothing is computed with it. */
export async function numericsFor(
  arithmetic: Arithmetic,
  inputs: Task['inputs'],
  numericsOf: TaskSetup['numericsOf'],
): Promise<Numerics | null> {
  const model = Object.values(inputs)
    .flat()
    .find(({ artifact }) => artifact.kind === 'model');
  if (arithmetic === 'none' || !model) return null;
  return numericsOf(model.artifact);
}

/** What of a model's numerics is in a key: how training computes does not change what a trained model explains. */
export function relevantNumerics(
  { engine, version, inference, training }: Numerics,
  arithmetic: Arithmetic,
): Partial<Numerics> {
  return { engine, version, inference, ...(arithmetic === 'training' && { training }) };
}

/** What a key says of a run. All of it is shown, down to the comments of the study: reports of one key are the same bytes. */
export function reportDigest(provenance: Provenance): string {
  return sha256(canonicalJson(provenance));
}
