import {
  type BankForm,
  bankForm,
  type DatasetOutline,
  dataOutlineOf,
  type ImagesOutline,
  type Kind,
  type ModelOutline,
  modelOutlineOf,
} from '@espalier/core';
import type { Draft, Source } from '../axes/expand.ts';
import { once } from './once.ts';
import type { PlannedInstance } from './planned-instance.ts';

/** What is known of the inputs of instances before anything runs. */
export interface KnownInputs {
  /** The images on an input; undefined where they, or their data set, are not known before a run. */
  images(inputs: Draft['inputs'], port: string): ImagesOutline | undefined;
  model(inputs: Draft['inputs'], port: string): ModelOutline | undefined;
  /** The instance whose plugin made the network on an input; training and pruning hand it on. */
  maker(inputs: Draft['inputs'], port: string): PlannedInstance | undefined;
  /** What the banks on inputs are, by the input. */
  banks(inputs: Draft['inputs']): Readonly<Record<string, BankForm>>;
  /** The instance of the explainer on the input `explainer`. */
  explainer(inputs: Draft['inputs']): PlannedInstance | undefined;
  /** Inputs that come from images of the same data set which are not on the input `images`. */
  apart(inputs: Draft['inputs']): readonly string[];
  /** A data set by its own options. */
  dataset(instance: Pick<PlannedInstance, 'id' | 'type' | 'options'>): DatasetOutline | undefined;
}

/**
 * @param byId every instance that comes before, by id
 * @param folder the study's folder
 */
export function knownInputs(byId: ReadonlyMap<string, PlannedInstance>, folder: string): KnownInputs {
  const datasets = new Map<string, DatasetOutline | undefined>();
  const models = new Map<string, ModelOutline | undefined>();
  const known: KnownInputs = {
    dataset: ({ id, type, options }) =>
      once(datasets, id, () => type.plugin && dataOutlineOf(type.plugin, type.use, options.plugin, { folder })),
    images(inputs, port) {
      const source = onlyOne(inputs.get(port));
      const instance = source && byId.get(source.instance);
      const outline = instance && known.dataset(instance);
      return outline && partOf(outline, source.port, instance);
    },
    banks: (inputs) =>
      Object.fromEntries(
        [...inputs].flatMap(([port, [source]]) => {
          const plugin = source && byId.get(source.instance)?.type.plugin;
          return plugin?.kind === 'concepts' ? [[port, bankForm(plugin.banks)]] : [];
        }),
      ),
    apart(inputs) {
      const given = onlyOne(inputs.get('images'));
      if (!given) return [];
      return [...inputs].flatMap(([port, sources]) =>
        sources.some((source) => isApart(source, given, byId)) ? [port] : [],
      );
    },
    explainer: (inputs) => byId.get(onlyOne(inputs.get('explainer'))?.instance ?? ''),
    maker: (inputs, port) => madeBy(inputs.get(port), byId),
    model(inputs, port) {
      const made = known.maker(inputs, port);
      const plugin = made?.type.plugin;
      if (!made || !plugin) return undefined;
      const { type, options, inputs: given } = made;
      // Instances along an axis that the plugin does not see have one network.
      return once(models, JSON.stringify([type.use, options.plugin, given.get('data')]), () =>
        modelOutlineOf(plugin, type.use, options.plugin, known.images(given, 'data'), { folder }),
      );
    },
  };
  return known;
}

/** Whether what `source` names was computed of images that the split `given` lacks. */
function isApart(source: Source, given: Source, byId: ReadonlyMap<string, PlannedInstance>): boolean {
  const maker = byId.get(source.instance);
  const used = maker && kindsOfImages.has(maker.type.plugin?.kind) ? onlyOne(maker.inputs.get('images')) : undefined;
  if (!used || used.instance !== given.instance || used.port === given.port) return false;
  const { evalPerClass } = dataOptions(byId.get(given.instance)!);
  const both = new Set([used.port, given.port]);
  const isNested = both.has('eval') && both.has('val');
  return !(isNested && (given.port === 'val' || evalPerClass === null));
}

// What these make has a value for each of their images.
const kindsOfImages: ReadonlySet<Kind | undefined> = new Set(['explainer', 'concepts']);

function onlyOne<One>(sources: readonly One[] | undefined): One | undefined {
  return sources?.length === 1 ? sources[0] : undefined;
}

/** The instance whose plugin made the network; training and pruning hand it on. */
export function madeBy(
  sources: readonly Source[] | undefined,
  byId: ReadonlyMap<string, PlannedInstance>,
): PlannedInstance | undefined {
  let source = onlyOne(sources);
  while (source) {
    const instance = byId.get(source.instance);
    if (!instance || instance.type.plugin?.kind === 'model') return instance;
    source = instance.passThrough?.get(source.port) ?? onlyOne(instance.inputs.get('model'));
  }
  return undefined;
}

/** One part of a data set; `eval` is the balanced part of `val`. */
function partOf(
  { mostPerClass, ...outline }: DatasetOutline,
  part: string,
  made: PlannedInstance,
): ImagesOutline | undefined {
  const { evalPerClass } = dataOptions(made);
  const counts: Readonly<Record<string, readonly number[]>> | undefined = mostPerClass;
  const most = counts?.[part === 'eval' ? 'val' : part];
  if (!most) return outline;
  const limit = part === 'eval' ? (evalPerClass ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  return { ...outline, mostPerClass: most.map((count) => Math.min(count, limit)) };
}

function dataOptions({ options }: PlannedInstance): { readonly evalPerClass: number | null } {
  return options.kind as { readonly evalPerClass: number | null }; // the kind of data sets parsed it
}
