import { canonicalJson, codeDifferences, type KeyComponents, type KeyInput } from '@espalier/store';
import { type JsonSchema, recordOf, shown } from '@espalier/study';
import { isObject } from './recorded-event.ts';

/** One way in which an instance is not what it was, in words. */
export interface KeyDifference {
  /** The input port that hands something else over; its sources tell why. */
  readonly port?: string;
  readonly text: string;
}

/** How two keys came to be different, the most telling first; `schema` of the options names their defaults by value. */
export function keyDifferences(
  before: KeyComponents,
  now: KeyComponents,
  schema: JsonSchema = {},
): readonly KeyDifference[] {
  if (before.keyFormat !== now.keyFormat) {
    return [{ text: 'this version of Espalier makes keys of other things' }];
  }
  const plain = [
    ...(before.type === now.type ? [] : [`plugin ${before.type} -> ${now.type}`]),
    ...(before.type === now.type ? optionDifferences(before.options, now.options, schema) : []),
    ...cacheVersionDifferences(before, now),
    ...codeDifferences(before.packages, now.packages),
    ...(before.fingerprint === now.fingerprint ? [] : ['the data that its options point to']),
    ...numericsDifferences(before.numerics, now.numerics),
    ...(before.seed === now.seed ? [] : [`seed ${before.seed} -> ${now.seed}`]),
    ...(before.report === now.report ? [] : ['what it says of the run: study, parameters, packages or data']),
  ];
  const missing = [before, now].map((components) => canonicalJson(components.missing ?? []));
  if (missing[0] !== missing[1]) plain.push('what failed of its inputs');
  return [
    ...plain.map((text) => ({ text })),
    ...inputDifferences(before.inputs, now.inputs, 'input'),
    ...inputDifferences(before.baseline ?? {}, now.baseline ?? {}, 'baseline'),
  ];
}

function cacheVersionDifferences(before: KeyComponents, now: KeyComponents): readonly string[] {
  const own =
    before.type === now.type && before.cacheVersion !== now.cacheVersion
      ? [`cacheVersion of ${now.type} ${before.cacheVersion} -> ${now.cacheVersion}`]
      : [];
  const opened = namesOf(before.opens, now.opens).flatMap((type) => {
    const [old, next] = [before.opens[type], now.opens[type]];
    return old === undefined || next === undefined || old === next
      ? []
      : [`cacheVersion of ${type}, which opens its inputs, ${old} -> ${next}`];
  });
  return [...own, ...opened];
}

function numericsDifferences(before: KeyComponents['numerics'], now: KeyComponents['numerics']): readonly string[] {
  const [old, next] = [recordOfText(before), recordOfText(now)];
  return namesOf(old, next).flatMap((name) =>
    old[name] === next[name] ? [] : [`${name} ${old[name] ?? 'none'} -> ${next[name] ?? 'none'}`],
  );
}

function recordOfText(numerics: KeyComponents['numerics']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(numerics ?? {}).map(([name, value]) => [name, String(value)]));
}

/** `option optimizer.name "sgd" -> "adamw"`, one for each value that differs. */
function optionDifferences(before: unknown, now: unknown, schema: JsonSchema, path = ''): readonly string[] {
  if (canonicalJson(before) === canonicalJson(now)) return [];
  if (!isObject(before) || !isObject(now)) {
    const standard = 'default' in schema ? shown(schema.default) : 'its default';
    const name = (value: unknown) => (value === undefined ? standard : shown(value));
    return [`option ${path} ${name(before)} -> ${name(now)}`];
  }
  const properties = recordOf(schema.properties);
  return namesOf(before, now).flatMap((key) => {
    const child = Object.hasOwn(properties, key) ? properties[key]! : {};
    return optionDifferences(before[key], now[key], child, path === '' ? key : `${path}.${key}`);
  });
}

function inputDifferences(
  before: Readonly<Record<string, readonly KeyInput[]>>,
  now: Readonly<Record<string, readonly KeyInput[]>>,
  word: string,
): readonly KeyDifference[] {
  return namesOf(before, now).flatMap((port): readonly KeyDifference[] => {
    const [old, next] = [before[port], now[port]];
    if (!old) return [{ port, text: `${word} ${port} is connected now` }];
    if (!next) return [{ text: `${word} ${port} is not connected any more` }];
    if (canonicalJson(old) === canonicalJson(next)) return [];
    if (old.length === 1 && next.length === 1) return [{ port, text: `${word} ${port} changed` }];
    const known = new Set(old.map((input) => canonicalJson(input)));
    const fresh = next.filter((input) => !known.has(canonicalJson(input))).length;
    const gone = old.length + fresh - next.length;
    const parts = [fresh > 0 && `${fresh} of ${next.length} are new`, gone > 0 && `${gone} are gone`];
    const text = parts.filter(Boolean).join(', ') || 'in another order';
    return [{ port, text: `${word} ${port} changed: ${text}` }];
  });
}

function namesOf(a: object, b: object): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}
