import type { Results } from '@espalier/analysis';
import { cleared } from '@espalier/secrets';
import { canonicalJson } from '@espalier/store';
import { recordedAsks } from '@espalier/study';
import { isObject } from './recorded-event.ts';
import type { RunHeader } from './recorded-runs.ts';

/** What a setting belongs to, in the order in which they are told. */
export const areas = ['study', 'parameter', 'node', 'recipe', 'plugin', 'data', 'machine'] as const;

export type Area = (typeof areas)[number];

/** Everything that a run was asked and computed with, by area and name. Plain JSON without secrets. */
export type Settings = Readonly<Record<Area, Readonly<Record<string, unknown>>>>;

/** A setting that two runs have differently. */
export interface SettingDifference {
  readonly area: Area;
  /** `protocol.levels`, or of a node `prune with.scope`. */
  readonly name: string;
  /** Absent where a run does not set it: `undefined`. */
  readonly a: unknown;
  readonly b: unknown;
}

/**
 * The settings of a run from what it wrote.
 *
 * @param header what is on record of it; null for results without a record
 * @throws StudyError `study/invalid` where the text of the study among the results is none
 */
export async function settingsOf(results: Results, header: RunHeader | null, place: string): Promise<Settings> {
  const { study, params, seed, recipes, plugins, datasets, numerics } = results;
  const asks = await recordedAsks({ ...study, params, recipes }, `${place} (the study in it)`);
  return cleared({
    study: { name: study.name, profile: study.profile, seed },
    parameter: Object.fromEntries(asks.params),
    node: Object.fromEntries(asks.nodes),
    recipe: Object.fromEntries(
      recipes.map(({ name, recipe, version, digest }) => [name, { recipe, version, digest: short(digest) }]),
    ),
    plugin: Object.fromEntries(plugins.map(pluginSettings)),
    data: Object.fromEntries(Object.entries(datasets).map(([name, digest]) => [name, short(digest)])),
    machine: {
      ...numerics,
      ...(header?.node && { node: header.node }),
      ...(header?.platform && { platform: header.platform }),
    },
  });
}

function pluginSettings({ package: name, version, types }: Results['plugins'][number]): [string, object] {
  const versions = types.map(({ type, cacheVersion }) => [type.slice(type.lastIndexOf('/') + 1), cacheVersion]);
  return [name, { version, cacheVersion: Object.fromEntries(versions) }];
}

function short(digest: string): string {
  return digest.slice(0, 12);
}

/** Every setting that differs, by area and name. Of the machine, what only one of them recorded is no difference. */
export function settingDifferences(a: Settings, b: Settings): readonly SettingDifference[] {
  return areas.flatMap((area) => {
    const names = [...new Set([...Object.keys(a[area]), ...Object.keys(b[area])])].sort();
    return names.flatMap((name): readonly SettingDifference[] => {
      const [own, other] = [partOf(a[area], name), partOf(b[area], name)];
      if (area === 'machine' && (own === undefined || other === undefined)) return [];
      if (own === undefined || other === undefined) {
        return [{ area, name, a: wholeOf(area, own), b: wholeOf(area, other) }];
      }
      return partDifferences(own, other, name).map((part) => ({ area, ...part }));
    });
  });
}

function partOf(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** What stands for something that only one run has: of a node the plugin. */
function wholeOf(area: Area, value: unknown): unknown {
  if (!isObject(value)) return value;
  if (area === 'node') return value.use;
  return area === 'plugin' ? value.version : value;
}

type PartDifference = Omit<SettingDifference, 'area'>;

/** The parts that differ: of objects by key, of lists of objects by their labels or places; everything else as a whole. */
function partDifferences(a: unknown, b: unknown, name: string): readonly PartDifference[] {
  if (a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b)) return [];
  const [own, other] = isObject(a) && isObject(b) ? [a, b] : listsByName(a, b);
  if (!own || !other) return [{ name, a, b }];
  const keys = [...new Set([...Object.keys(own), ...Object.keys(other)])];
  const parts = keys.flatMap((key) => {
    const [first, second] = [partOf(own, key), partOf(other, key)];
    return first === undefined && second === undefined ? [] : partDifferences(first, second, `${name}.${key}`);
  });
  return parts.length > 0 ? parts : [{ name, a, b }]; // in another order
}

type Parts = Readonly<Record<string, unknown>>;

/** Lists of which an item is an object, by what tells their items apart; none for others. */
function listsByName(a: unknown, b: unknown): readonly Parts[] {
  if (!Array.isArray(a) || !Array.isArray(b) || ![...a, ...b].some(isObject)) return [];
  const lists: readonly (readonly unknown[])[] = [a, b];
  const names = lists.map((list) => list.map(nameOfItem));
  const areNamed = names.every((own) => own.every((one) => one !== undefined) && new Set(own).size === own.length);
  if (!areNamed && a.length !== b.length) return [];
  return lists.map((list, l) => Object.fromEntries(list.map((item, i) => [areNamed ? names[l]![i]! : `${i}`, item])));
}

/** What the value of an axis is called, an edge or another item of a study's lists. */
function nameOfItem(item: unknown): string | undefined {
  if (!isObject(item)) return typeof item === 'string' ? item : undefined;
  const name = item.label ?? item.use ?? item.$from;
  return name === undefined ? undefined : String(name);
}
