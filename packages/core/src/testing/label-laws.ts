import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { StudyError } from '../errors.ts';
import { labelText } from '../label.ts';
import type { Kind, Plugin } from '../plugin.ts';
import { labelOf, optionsInForce } from '../presets.ts';
import { apiVersion } from '../promises/contract.ts';
import { needsOf } from '../promises/declared.ts';
import { declaredPlugins } from '../promises/declared-plugins.ts';
import { limitedModel } from './limited-model.ts';
import { madeWith, type ToyFor } from './made-with.ts';
import { otherValues } from './other-values.ts';
import { toyModel } from './toys/toy-model.ts';

/** How the options of a plugin are tried. */
export interface OptionTrials<Options = unknown> {
  /** Options besides those that are changed in turn, such as required ones; every preset is tried with each. */
  readonly bases?: readonly object[];
  /** Values for options of which none can be made up from the schema, and better ones. */
  readonly values?: Readonly<Record<string, readonly unknown[]>>;
  /** Options that toys cannot try, each with the reason; they stand in labels like all others. */
  readonly untriable?: Readonly<Record<string, string>>;
  /** Models that the plugin's port is asked about, by a seed; the toy of one layer if absent. */
  readonly toy?: ToyFor;
  /** What the plugin makes with `options`; of most kinds, its port is asked about toys. */
  readonly make?: (options: Options) => Promise<unknown>;
}

type Trial<Options> = (plugin: Plugin<Kind, Options>, trials: OptionTrials<Options>) => Promise<void>;

/** What every plugin promises of its shape, its presets and labels, and of what it asks of a model. Each law throws when the promise is broken. */
export const labelLaws: Readonly<Record<string, Trial<never>>> = {
  async 'has the shape of a plugin, as a study that names its package would find it'(plugin) {
    declaredPlugins({ apiVersion, plugins: [plugin] }, plugin.name);
  },

  async 'decides the same options in every preset, each of them optional'({ presets = {}, options }) {
    const [first = {}, ...others] = Object.values(presets).map((chosen) => Object.keys(chosen).sort());
    for (const other of others) expect(other).toEqual(first);
    for (const name of Object.keys(Object.values(presets)[0] ?? {}))
      expect(options.shape[name]!.safeParse(undefined), `the option "${name}" where it is absent`).toMatchObject({
        success: true,
        data: undefined,
      });
  },

  async 'labels every choice that changes a result'(plugin, trials) {
    const untried = new Set(optionNames(plugin).filter((name) => !Object.hasOwn(trials.untriable ?? {}, name)));
    for (const asked of startsOf(plugin, trials)) {
      const make = trials.make ?? ((options: never) => madeWith(plugin, options, trials.toy));
      const before = await resultOf(make, asked);
      for (const name of optionNames(plugin)) {
        for (const other of changesOf(plugin, asked, name, trials)) {
          const after = await resultOf(make, other).catch(refusal);
          if (after === undefined) continue;
          untried.delete(name);
          if (after !== before) expectTold(plugin, name, asked, other);
        }
      }
    }
    expect([...untried], 'options that no other value could be made up for, or only one that is refused').toEqual([]);
  },

  async 'asks of a model only what it declares to need'(plugin, trials) {
    if (trials.make || !kindsOfMethods.has(plugin.kind)) return;
    const { toy = toyModel } = trials;
    for (const asked of startsOf(plugin, trials)) {
      const { abilities = [], layers = [] } = needsOf(plugin, plugin.name, asked);
      const classifies =
        plugin.inputs?.includes('concepts') || layers.some(({ demand }) => demand === 'complete' || demand === 'read');
      const made = await madeWith(plugin, asked, (seed) => limitedModel(toy(seed), abilities, classifies));
      expect(made, 'what it makes of toys').toBeDefined();
    }
  },
};

/** Kinds that are given a model. */
const kindsOfMethods: ReadonlySet<Kind> = new Set(['pruner', 'explainer', 'concepts', 'metric']);

/** Registers the laws as tests of `plugin`. */
export function describeLabels<Options>(plugin: Plugin<Kind, Options>, trials: OptionTrials<Options> = {}): void {
  describe(`${plugin.name} keeps the laws of labels`, () => {
    for (const [law, check] of Object.entries(labelLaws)) test(law, () => check(plugin as never, trials as never));
  });
}

function optionNames({ options, presets }: Plugin<Kind, never>): readonly string[] {
  return Object.keys(options.shape).filter((name) => !(presets && name === 'preset'));
}

/** Every base with every preset. */
function startsOf(plugin: Plugin<Kind, never>, { bases = [{}] }: OptionTrials<never>): readonly never[] {
  const named = 'preset' in plugin.options.shape ? Object.keys(plugin.presets ?? {}) : [];
  const asked = bases.flatMap((base) => (named.length > 0 ? named.map((preset) => ({ ...base, preset })) : [base]));
  const parsed = asked.flatMap((one) => plugin.options.safeParse(one).data ?? []);
  expect(parsed.length, 'bases that the schema takes').toBeGreaterThan(0);
  return parsed;
}

function changesOf(
  plugin: Plugin<Kind, never>,
  asked: never,
  name: string,
  { values = {} }: OptionTrials<never>,
): readonly never[] {
  const inForce: Readonly<Record<string, unknown>> = optionsInForce(plugin.presets ?? {}, asked as object) as never; // options by name
  const others = values[name] ?? otherValues(plugin.options.shape[name]!, inForce[name]);
  return others.flatMap((value) => plugin.options.safeParse({ ...(asked as object), [name]: value }).data ?? []);
}

/** Options may be valid each by itself and be refused together. */
function refusal(error: unknown): undefined {
  if (StudyError.is(error)) return undefined;
  throw error;
}

function expectTold(plugin: Plugin<Kind, never>, name: string, before: never, after: never): void {
  const { level, unlabelled = {} } = plugin;
  const values = [before, after].map((options) => JSON.stringify((options as Readonly<Record<string, unknown>>)[name])); // by name
  const change = `"${name}" from ${values[0]} to ${values[1]}`;
  const isLevel = level !== undefined && level(before) !== level(after);
  if (Object.hasOwn(unlabelled, name))
    expect(isLevel, `${change} changes the result, although "unlabelled" says: ${unlabelled[name]}`).toBe(true);
  else {
    const texts = [before, after].map((options) => labelText(labelOf(plugin, options)));
    expect(texts[1], `${change} changes the result, and the label does not say so`).not.toBe(texts[0]);
  }
}

async function resultOf(make: (options: never) => Promise<unknown>, options: never): Promise<string> {
  const hash = createHash('sha256');
  addTo(hash, await make(options));
  return hash.digest('hex');
}

function addTo(hash: ReturnType<typeof createHash>, value: unknown): void {
  if (ArrayBuffer.isView(value)) hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  else if (value instanceof Map) addTo(hash, [...value]);
  else if (typeof value === 'object' && value !== null)
    for (const [name, part] of Object.entries(value)) {
      hash.update(`${name}\0`);
      addTo(hash, part);
    }
  else if (typeof value !== 'function') hash.update(`${typeof value} ${String(value)}\0`);
}
