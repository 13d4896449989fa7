import * as z from 'zod';
import type { BankForm, ConceptExtractor } from './concept-extractor.ts';
import type { Dataset } from './dataset.ts';
import { StudyError } from './errors.ts';
import type { Explainer } from './explaining/explainer.ts';
import { givenInputs } from './given-inputs.ts';
import type { Metric } from './metric.ts';
import type { Given, MetricNeed } from './metric-inputs.ts';
import type { Weights } from './networks/model.ts';
import type { ModelFactory } from './networks/model-factory.ts';
import type { ModelNeeds } from './planning/model-needs.ts';
import type {
  DatasetOutline,
  ImagesOutline,
  ModelOutline,
  OptionFinding,
  Passes,
  PlanKnowledge,
} from './planning/plan-knowledge.ts';
import { type InForce, optionsInForce, type Presets } from './presets.ts';
import type { Pruner } from './pruner.ts';
import type { Reporter } from './reporter.ts';
import type { Services } from './services.ts';

/** What each kind of plugin must provide. A new kind is one line here, one port file, one kind in the runner. */
export interface Ports {
  dataset: Dataset;
  model: ModelFactory;
  pruner: Pruner;
  explainer: Explainer;
  concepts: ConceptExtractor;
  metric: Metric;
  reporter: Reporter;
}

/** What a plugin can be: the name of a port. */
export type Kind = keyof Ports;

/** Every kind of plugin. */
export const kinds: readonly Kind[] = ['dataset', 'model', 'pruner', 'explainer', 'concepts', 'metric', 'reporter'];

/** Where a method comes from, and how this code departs from it. */
export interface Source {
  readonly title: string;
  readonly url: string;
  readonly departures: readonly string[];
}

/** What a model is used for, as far as a plan knows it. */
export interface ModelUse {
  /** Of the images, in pixels. */
  readonly height: number;
  readonly width: number;
  /** Absent where nothing is trained. */
  readonly training?: {
    /** Images per step. */
    readonly batchSize: number;
    /** Numbers that the optimizer keeps of every weight: 1 of SGD, 2 of AdamW, 3 of Ranger. */
    readonly slots: number;
  };
}

/** A method as data: what it is called, what it accepts, where it is from, how to make it. */
export interface Plugin<K extends Kind = Kind, Options = unknown> {
  readonly kind: K;
  /** Kebab-case, unique in its package; a study uses it as `<alias>/<name>`. */
  readonly name: string;
  /**
   * The method as people call it, for example `Integrated Gradients`: labels, reports and charts show it. Explainers and concept
   * extractors must have one; of others, `name` stands for it.
   */
  readonly title?: string;
  /** Raise it when the same options and inputs give other results: old results are then computed again. */
  readonly cacheVersion: string;
  readonly source: Source;
  /** One strict zod object; every field has a description with its unit. */
  readonly options: z.ZodType<Options> & { readonly shape: Readonly<Record<string, z.ZodType>> };
  /**
   * Named sets of choices, where there are several; the option `preset` names one. Every set decides the same options, which are
   * optional in the schema: "the preset's if absent". `create`, `check` and `needs` get them filled in.
   */
  readonly presets?: Presets<Options>;
  /**
   * Options that labels leave out, each with the reason: it changes no number (`bounds memory`), or it is told beside the label
   * (`the level`). All others that differ from the preset stand in the label of every result.
   */
  readonly unlabelled?: Readonly<Record<string, string>>;
  /** Metrics only: the inputs that a study must connect, of `metricInputs`. */
  readonly inputs?: readonly MetricNeed[];
  /** Metrics only: inputs that a study may connect besides. */
  readonly optionalInputs?: readonly MetricNeed[];
  /** Concept extractors only: how their banks differ from those of non-negative codes that rebuild, of concepts without names, learned once. */
  readonly banks?: Partial<BankForm>;
  /** Metrics only: what the banks on their inputs must be, where not all will do; the plan refuses others with the reason. */
  readonly needsBanks?: Partial<BankForm>;
  /**
   * Explainers only: a study may connect another as `explainer`, which `over` of the port takes. Listed are the options without meaning then.
   */
  readonly asksExplainer?: readonly string[];
  /** Explainers only: the numbers of each image that reports sum up, by name, in words with the unit. */
  readonly diagnostics?: Readonly<Record<string, string>>;
  /**
   * Methods only: what these options ask of a model beyond what every model does. The plan refuses a model that lacks it; what is not
   * declared is not asked for.
   */
  readonly needs?: (options: Options) => ModelNeeds;
  /** Pruners and concept extractors only: a study must connect `data`, for `PruneContext.sample`; or `examples` and `counterparts`, as in `ConceptImages`. */
  readonly needsData?: boolean;
  /**
   * Reporters only: names of all the files that they write, so that a study which asks for another is told before it runs. `x_files/` is a
   * folder of files without names here that belong to the page `x.html`: it is written beside the page wherever that goes.
   */
  readonly files?: readonly string[];
  /**
   * What is wrong with `options` in the place that the plan has for them, so that it is told, with line and column, before
   * anything runs. Reads no images and computes nothing: it is called for every instance of every plan.
   */
  readonly check?: (options: Options, known: PlanKnowledge<Options>) => readonly OptionFinding[];
  /** A digest of what the options point to outside the study, so that a change there is a change of the result. May download. */
  readonly fingerprint?: (options: Options, services: Services) => Promise<string>;
  /**
   * What is drawn from. `paired`: `services.pairedSeed`, the same in all arms of a study, for noise that must not tell them apart.
   * False: nothing; the seed is then 0. Either way results of equal inputs are one result, whatever the labels of their
   * instances. True where it is not said: `services.seed`, another one for every label.
   */
  readonly usesSeed?: boolean | 'paired';
  /**
   * Datasets only: what is known without opening an image, for the checks of others. Folders may be listed. Undefined where
   * nothing is known yet, as before a download; what is wrong with the options is for `check` to say.
   */
  readonly dataOutline?: (options: Options, known: Pick<PlanKnowledge, 'folder'>) => DatasetOutline | undefined;
  /** Models only: the names of the network's parts, for the checks of others; `images` where those that it is made for are known. */
  readonly modelOutline?: (
    options: Options,
    images: ImagesOutline | undefined,
    known: Pick<PlanKnowledge, 'folder'>,
  ) => ModelOutline | undefined;
  /**
   * Models only: other forms than safetensors in which a study may write a model of these options, by the ending of the output's name, for
   * example `.onnx`. `weights` are those of the model, by name.
   */
  readonly fileForms?: Readonly<
    Record<string, (options: Options, weights: Weights, services: Pick<Services, 'folder'>) => Promise<Uint8Array>>
  >;
  /**
   * What a person should know of `options` in the place that the plan has for them, although nothing is wrong: sentences that
   * `plan` shows before anything runs.
   */
  readonly notes?: (options: Options, known: PlanKnowledge<Options>) => readonly string[];
  /**
   * Models and pruners only: whether these options leave nothing to draw, so that instances which differ in their seed alone
   * make one network. For what `plan` says; no seed depends on it.
   */
  readonly drawsNothing?: (options: Options) => boolean;
  /** Pruners only: the sparsity that an instance is called by. */
  readonly level?: (options: Options) => number;
  /** Pruners only: the same options for another sparsity, where any can be asked: a gradual schedule goes through others on its way. */
  readonly atLevel?: (options: Options, sparsity: number) => Options;
  /**
   * Height and width of images in pixels, where the options say them, or what they point to: of datasets, those of the evaluated images; of
   * models, those that they take. Undefined where they take any, or where something is wrong, which is for `check` to say.
   */
  readonly imageSize?: (
    options: Options,
    known: Pick<PlanKnowledge, 'folder'>,
  ) => { readonly height: number; readonly width: number } | undefined;
  /**
   * Models only: bytes that a process wants at its peak beside its runtime, to compute with one such model. An estimate for
   * `plan`, within a factor of 2; nothing is refused for it. Undefined where nothing can be said, as of a file that cannot be read.
   */
  readonly memory?: (options: Options, use: ModelUse, known: Pick<PlanKnowledge, 'folder'>) => number | undefined;
  /**
   * About what it asks of a network for all images that the plan knows it has, so that a plan can estimate how long that takes. Undefined where
   * nobody can say.
   */
  readonly passes?: (options: Options, known: PlanKnowledge<Options>) => Passes | undefined;
  readonly create: (options: Options, services: Services) => Ports[K] | Promise<Ports[K]>;
}

/** What a plugin package exports under the name `plugins`. */
// biome-ignore lint/suspicious/noExplicitAny: each plugin has its own options type; the schema guards it
export type Plugins = readonly Plugin<any, any>[];

/** Kinds whose methods are shown beside each other by name. */
export const titledKinds = ['explainer', 'concepts'] as const satisfies readonly Kind[];

type OptionsOf<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape, z.core.$strict>>;

/** What is written otherwise than hosts see it: presets are filled in before `create`, `check`, `needs` and `passes` are called. */
type Written<K extends Kind, Options, Named> = Omit<
  Plugin<K, Options>,
  'options' | 'presets' | 'unlabelled' | 'check' | 'needs' | 'passes' | 'create'
> & {
  readonly presets?: Named;
  readonly needs?: (options: InForce<Options, NoInfer<Named>>) => ModelNeeds;
  readonly unlabelled?: { readonly [Name in keyof Options]?: string };
  readonly check?: (
    options: InForce<Options, NoInfer<Named>>,
    known: PlanKnowledge<Options>,
  ) => readonly OptionFinding[];
  readonly passes?: (options: InForce<Options, NoInfer<Named>>, known: PlanKnowledge<Options>) => Passes | undefined;
  readonly create: (options: InForce<Options, NoInfer<Named>>, services: Services) => Ports[K] | Promise<Ports[K]>;
};

/** Checks a plugin's types where it is written. Metrics have `defineMetric`. */
export function definePlugin<
  K extends Exclude<Kind, 'metric'>,
  Shape extends z.ZodRawShape,
  Named extends Presets<OptionsOf<Shape>> = Record<never, never>,
>(
  plugin: Written<K, OptionsOf<Shape>, Named> & {
    readonly options: z.ZodObject<Shape, z.core.$strict>;
  } & (K extends (typeof titledKinds)[number] ? { readonly title: string } : unknown),
): Plugin<K, OptionsOf<Shape>> {
  return withPresets(plugin as never); // zod's object is a ZodType with a shape
}

/** The plugin, whose `create`, `check`, `needs` and `passes` are called with the options in force. */
function withPresets<K extends Kind, Options>(plugin: Plugin<K, Options>): Plugin<K, Options> {
  const { presets, check, needs, passes, create } = plugin;
  if (!presets) return plugin;
  return {
    ...plugin,
    ...(check && { check: (asked, known) => check(optionsInForce(presets, asked), known) }),
    ...(needs && { needs: (asked) => needs(optionsInForce(presets, asked)) }),
    ...(passes && { passes: (asked, known) => passes(optionsInForce(presets, asked), known) }),
    create: (asked, services) => create(optionsInForce(presets, asked), services),
  };
}

/** A metric as it is written: what it declares as inputs is what `measure` gets. */
type WrittenMetric<Options, Named, Needs extends MetricNeed, Optional extends MetricNeed> = Omit<
  Written<'metric', Options, Named>,
  'kind' | 'inputs' | 'optionalInputs' | 'create'
> & {
  readonly inputs: readonly Needs[];
  readonly optionalInputs?: readonly Optional[];
  readonly create: (
    options: InForce<Options, NoInfer<Named>>,
    services: Services,
  ) => MeasuresOf<Given<NoInfer<Needs>, NoInfer<Optional>>>;
};

/** A metric that asks for nothing but `Inputs`: as a property, `measure` is checked for what it asks. */
interface Measures<Inputs> {
  readonly measure: (...asked: Parameters<Metric<Inputs>['measure']>) => ReturnType<Metric['measure']>;
}

type MeasuresOf<Inputs> = Measures<Inputs> | Promise<Measures<Inputs>>;

/**
 * Checks a metric's types where it is written, `measure` against `inputs` and `optionalInputs` too; returns it with its kind.
 *
 * @example
 * defineMetric({
 *   name: 'total', cacheVersion: '1', source, options: z.strictObject({}), inputs: ['attributions'],
 *   create: () => ({ measure: async ({ attributions }) => [...] }),
 * });
 */
export function defineMetric<
  Shape extends z.ZodRawShape,
  Needs extends MetricNeed,
  Optional extends MetricNeed = never,
  Named extends Presets<OptionsOf<Shape>> = Record<never, never>,
>(
  metric: WrittenMetric<OptionsOf<Shape>, Named, Needs, Optional> & {
    readonly options: z.ZodObject<Shape, z.core.$strict>;
  },
): Plugin<'metric', OptionsOf<Shape>> {
  return withPresets({ kind: 'metric', ...metric } as never); // zod's object is a ZodType with a shape; hosts hand over what is declared
}

/**
 * Fills in defaults and checks `options` against the plugin's schema.
 *
 * @throws StudyError `core/options-invalid`, listing every problem.
 */
export function parseOptions<Options>(plugin: Plugin<Kind, Options>, options: unknown): Options {
  const parsed = plugin.options.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new StudyError(
    'core/options-invalid',
    `Options of the ${plugin.kind} "${plugin.name}" are not valid:\n${z.prettifyError(parsed.error)}`,
  );
}

/**
 * Checks `options` and builds the plugin's port.
 *
 * @throws StudyError `core/options-invalid`, listing every problem.
 */
export async function createFrom<K extends Kind, Options>(
  plugin: Plugin<K, Options>,
  options: unknown,
  services: Services,
): Promise<Ports[K]> {
  const port = await plugin.create(parseOptions(plugin, options), services);
  return plugin.kind === 'metric' ? (givenInputs(port as Metric, plugin, plugin.name) as Ports[K]) : port; // K is 'metric'
}
