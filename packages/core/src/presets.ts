import type * as z from 'zod';
import type { Label, Settings } from './label.ts';

/** The preset of plugins that declare none: their options' defaults. */
export const defaultPreset = 'corrected';

/** Choices by preset: every preset decides the same options, and those are optional in the schema ("the preset's if absent"). */
export type Presets<Options> = Readonly<Record<string, Partial<Options>>>;

/** Options with the preset's choices where nothing was asked. */
export type InForce<Options, Named> = Options & {
  readonly [Name in keyof Named[keyof Named] & keyof Options]-?: Exclude<Options[Name], undefined>;
};

/** The part of a plugin that presets and labels go by. */
export interface Preset {
  readonly name: string;
  readonly title?: string;
  readonly options: { readonly shape: Readonly<Record<string, z.ZodType>> };
  readonly presets?: Readonly<Record<string, object>>;
  readonly unlabelled?: Readonly<Record<string, string>>;
  readonly asksExplainer?: readonly string[];
}

type Choices = Readonly<Record<string, unknown>>;

/** `asked`, with the choices of its preset (the option `preset`) where it says nothing. */
export function optionsInForce<Options, Named extends Presets<Options>>(
  presets: Named,
  asked: Options,
): InForce<Options, Named> {
  const own = Object.entries(asked as object).filter(([, value]) => value !== undefined);
  return { ...asked, ...presets[presetOf(presets, asked)], ...Object.fromEntries(own) } as never; // what is absent is the preset's
}

/**
 * How a plugin labels what it makes with `asked`: its preset, and every option in force that differs from the preset, or from its
 * default where no preset decides it. Options that are `unlabelled` are left out. An explainer over another is called by both.
 *
 * @param asked parsed options
 * @param of labels of what it is made from
 */
export function labelOf(plugin: Preset, asked: unknown, of: Label['of'] = {}): Label {
  const { shape } = plugin.options;
  const options = asked as Choices;
  const standardOf = (name: string): unknown => shape[name]?.safeParse(undefined).data;
  const preset = presetOf(plugin.presets, options);
  const chosen: Choices = { ...plugin.presets?.[preset] };
  const other = plugin.asksExplainer && of.explainer;
  const changes: Record<string, Settings[string]> = {};
  const settings: Record<string, Settings[string]> = {};
  for (const name of Object.keys(shape)) {
    if ((plugin.presets && name === 'preset') || Object.hasOwn(plugin.unlabelled ?? {}, name)) continue;
    if (other && plugin.asksExplainer.includes(name)) continue;
    const value = options[name] ?? (options[name] === null ? null : chosen[name]);
    Object.assign(settings, differences(name, value, undefined));
    Object.assign(changes, differences(name, value, chosen[name] === undefined ? standardOf(name) : chosen[name]));
  }
  const isDefault = preset === presetOf(plugin.presets, { preset: standardOf('preset') });
  const own = plugin.title ?? plugin.name;
  return { name: other ? `${own} of ${other.name}` : own, preset, isDefault, changes, settings, of };
}

/** The preset that options name; where they cannot name one, the first. */
function presetOf(presets: object | undefined, asked: unknown): string {
  const { preset } = asked as { readonly preset?: unknown };
  const names = Object.keys(presets ?? {});
  return names.find((name) => name === preset) ?? names[0] ?? defaultPreset;
}

/** Where `value` differs from `standard`, by path; nothing where nobody decided it. */
function differences(path: string, value: unknown, standard: unknown): Settings {
  if (value === undefined || JSON.stringify(value) === JSON.stringify(standard)) return {};
  if (!isRecord(value)) return { [path]: settingOf(value) };
  const from = isRecord(standard) ? standard : {};
  const parts = Object.entries(value).map(([name, part]) => differences(`${path}.${name}`, part, from[name]));
  return Object.assign({}, ...parts);
}

function settingOf(value: unknown): Settings[string] {
  if (value === null || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string')
    return value;
  const areNumbers = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');
  return areNumbers ? value.join(',') : JSON.stringify(value);
}

function isRecord(value: unknown): value is Choices {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
