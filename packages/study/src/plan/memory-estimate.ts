import { imageSizeOf, type Kind, type ModelUse, memoryOf, type TrainOptions } from '@espalier/core';
import { once } from './once.ts';
import type { StudyPlan } from './plan.ts';
import type { PlannedInstance } from './planned-instance.ts';
import { sourcesOf } from './sources.ts';

/** What Node and an engine take before the first model: measured 100 MiB with wasm, 370 MiB with TensorFlow. */
const runtimeBytes = { wasm: 120 * 2 ** 20, tensorflow: 380 * 2 ** 20, auto: 380 * 2 ** 20 } as const;

const slotsOf: Readonly<Record<TrainOptions['optimizer']['name'], number>> = { sgd: 1, adamw: 2, ranger: 3 };

/**
 * Estimates what the process of an instance wants at its peak, in bytes: by the model that it starts from and the images that this
 * model was made for. Undefined where no model is there, or its plugin gives no estimate.
 */
export function memoryEstimates({
  instances,
  compute,
  folder,
}: StudyPlan): (instance: PlannedInstance) => number | undefined {
  const byId = new Map(instances.map((instance) => [instance.id, instance]));
  const known = new Map<string, number | undefined>();
  return (instance) => {
    const model = nearest(instance, 'model', byId);
    const dataset = model && nearest(model, 'dataset', byId);
    const [images, network] = [dataset?.type, model?.type];
    if (!images?.plugin || !network?.plugin) return undefined;
    const size = imageSizeOf(images.plugin, images.use, dataset?.options.plugin, { folder });
    if (!size) return undefined;
    const training = trainingOf(instance);
    const use: ModelUse = { ...size, ...(training && { training }) };
    const { plugin } = network;
    const options = model?.options.plugin;
    // Instances along an axis that the plugin does not see have one network.
    const bytes = once(known, JSON.stringify([network.use, options, use]), () =>
      memoryOf(plugin, network.use, options, use, { folder }),
    );
    return bytes === undefined ? undefined : runtimeBytes[compute.engine] + bytes;
  };
}

/** The instance of a kind that `start` comes from, itself included; by the fewest steps. */
function nearest(
  start: PlannedInstance,
  kind: Kind,
  byId: ReadonlyMap<string, PlannedInstance>,
): PlannedInstance | undefined {
  const seen = new Set([start.id]);
  for (const id of seen) {
    const instance = byId.get(id);
    if (instance?.type.plugin?.kind === kind) return instance;
    for (const source of instance ? sourcesOf(instance) : []) seen.add(source);
  }
  return undefined;
}

/** Options of training are the node's own, or those of a fine-tuning. */
function trainingOf({ type, options }: PlannedInstance): ModelUse['training'] {
  if (type.kind.arithmetic !== 'training') return undefined;
  const own = (options.kind ?? {}) as Readonly<Record<string, unknown>>; // parsed by the kind's own schema, an object
  const { batchSize, optimizer } = (('finetune' in own ? own.finetune : own) ?? {}) as Partial<TrainOptions>; // as above
  return batchSize === undefined || !optimizer ? undefined : { batchSize, slots: slotsOf[optimizer.name] };
}
