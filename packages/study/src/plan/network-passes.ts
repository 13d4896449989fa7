import { type ImagesOutline, imagesIn, passesOf, type TrainOptions } from '@espalier/core';
import { type KnownInputs, knownInputs } from './known-inputs.ts';
import type { StudyPlan } from './plan.ts';
import type { PlannedInstance } from './planned-instance.ts';

/** How many images go through a network, by what is done with them. */
interface ImageCounts {
  /** Forward, back to the parameters, and a step: images of all epochs. */
  readonly training: number;
  readonly forward: number;
  /** Forward, and back to the image. */
  readonly gradient: number;
}

/** What instances ask of one network. */
export interface NetworkPasses extends ImageCounts {
  /** The instance whose plugin makes the network, before any training. */
  readonly maker: PlannedInstance;
  readonly images: ImagesOutline;
}

/** What a plan asks of its networks, as far as anybody can say before a run. */
export interface PlannedPasses {
  readonly networks: readonly NetworkPasses[];
  /** Nodes that ask a network for what nobody can say. */
  readonly uncounted: readonly string[];
}

/** @param wanted whether an instance is counted: those that would run */
export function networkPasses(
  { instances, folder }: Pick<StudyPlan, 'instances' | 'folder'>,
  wanted: (instance: PlannedInstance) => boolean,
): PlannedPasses {
  const known = knownInputs(new Map(instances.map((instance) => [instance.id, instance])), folder);
  const networks = new Map<string, NetworkPasses>();
  const uncounted = new Set<string>();
  for (const instance of instances.filter((one) => wanted(one) && one.inputs.has('model'))) {
    const { node, inputs, type } = instance;
    if (type.kind.arithmetic === 'none') continue;
    const maker = known.maker(inputs, 'model');
    const images = known.images(inputs, 'images') ?? known.images(inputs, 'data');
    const asked = images && passesIn(instance, images, { folder, known });
    if (!maker || !images || !asked) {
      if (inputs.has('images') || inputs.has('data')) uncounted.add(node);
      continue;
    }
    // Instances along an axis that the plugin does not see have one network.
    const key = JSON.stringify([maker.type.use, maker.options.plugin, images.height, images.width]);
    const before = networks.get(key) ?? { maker, images, training: 0, forward: 0, gradient: 0 };
    networks.set(key, {
      ...before,
      training: before.training + asked.training,
      forward: before.forward + asked.forward,
      gradient: before.gradient + asked.gradient,
    });
  }
  return { networks: [...networks.values()], uncounted: [...uncounted] };
}

interface Around {
  readonly folder: string;
  readonly known: KnownInputs;
}

function passesIn(instance: PlannedInstance, images: ImagesOutline, around: Around): ImageCounts | undefined {
  const { type, options, inputs } = instance;
  const trains = type.kind.arithmetic === 'training';
  const { epochs, rounds } = trains ? trainingOf(options.kind) : { epochs: 0, rounds: 1 };
  const count = epochs === 0 ? 0 : imagesIn(images);
  if (count === undefined) return undefined;
  const training = count * epochs * rounds;
  if (trains && !type.plugin?.passes) return { training, forward: 0, gradient: 0 };
  if (!type.plugin) return undefined;
  const given = type.kind.imagesFor?.(options.kind, images) ?? images;
  const other = type.plugin.asksExplainer && around.known.explainer(inputs);
  const explainer = other && passesIn(other, images, around);
  if (other && !explainer) return undefined;
  const passes = passesOf(type.plugin, type.use, options.plugin, { folder: around.folder, images: given, explainer });
  return passes && { training, forward: rounds * passes.forward, gradient: rounds * passes.gradient };
}

/** Of the node's own training, or of its fine-tuning, which a gradual schedule has in every round; no epochs for none. */
function trainingOf(options: unknown): { readonly epochs: number; readonly rounds: number } {
  const own = (options ?? {}) as Readonly<Record<string, unknown>>; // parsed by the kind's own schema, an object
  const { epochs = 0 } = (('finetune' in own ? own.finetune : own) ?? {}) as Partial<TrainOptions>; // as above
  const { rounds = 1 } = (own.gradual ?? {}) as { readonly rounds?: number }; // as above
  return { epochs, rounds };
}
