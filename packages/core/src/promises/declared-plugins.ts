import * as z from 'zod';
import { StudyError } from '../errors.ts';
import { metricInputs } from '../metric-inputs.ts';
import { type Kind, kinds, type Plugin, titledKinds } from '../plugin.ts';
import { formProblem } from './banks.ts';
import { apiVersion, checkContract } from './contract.ts';
import { written } from './promise.ts';

const example =
  `A plugin package exports \`apiVersion\`, '${apiVersion}', and ` +
  "`plugins`, a list of `definePlugin({ kind: 'explainer', name: 'mine', " +
  "title: 'My Method', cacheVersion: '1', " +
  'source: { title, url, departures: [] }, options: z.strictObject({}), create: (options, services) => ... })`.';

/**
 * The plugins that a package exports, by name; each is data of the shape that {@link Plugin} has.
 *
 * @param exports what importing the package gave
 * @param taken names of the options that every plugin of a kind already has, so that no plugin may
 * @throws StudyError `core/plugin-invalid`, saying what was found and what a plugin looks like; as {@link checkContract} does
 */
export function declaredPlugins(
  exports: unknown,
  packageName: string,
  taken: (kind: Kind) => readonly string[] = () => [],
): ReadonlyMap<string, Plugin> {
  checkContract(exports, packageName, 'plugins');
  const list = isObject(exports) ? exports.plugins : undefined;
  if (!Array.isArray(list) || list.length === 0) throw invalid(packageName, notAList(exports, list));
  const plugins = new Map<string, Plugin>();
  for (const [index, candidate] of list.entries()) {
    const problem = problemOf(candidate, taken);
    if (problem) throw invalid(packageName, `entry ${index} of its "plugins" ${problem}`);
    const plugin = candidate as Plugin; // every field was just checked
    if (plugins.has(plugin.name)) throw invalid(packageName, `two of its plugins are called "${plugin.name}"`);
    plugins.set(plugin.name, plugin);
  }
  return plugins;
}

function notAList(exports: unknown, list: unknown): string {
  if (list !== undefined)
    return `its export "plugins" is ${Array.isArray(list) ? 'empty' : `not a list: ${shown(list)}`}`;
  const names = isObject(exports) ? Object.keys(exports) : [];
  return `it has no export "plugins" (${names.length > 0 ? `it exports ${names.join(', ')}` : 'it exports nothing'})`;
}

// What a plan asks of a plugin, if it is there.
const asked = [
  ...['atLevel', 'check', 'dataOutline', 'drawsNothing', 'fingerprint', 'imageSize', 'level'],
  ...['memory', 'modelOutline', 'needs', 'notes', 'passes'],
];

function problemOf(value: unknown, taken: (kind: Kind) => readonly string[]): string | undefined {
  if (!isObject(value)) return `is not an object: ${shown(value)}`;
  const { kind, name, title, cacheVersion, source, options, inputs, optionalInputs, files, usesSeed, create } = value;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]*$/.test(name)) return `has no kebab-case "name": ${shown(name)}`;
  if (!kinds.some((known) => known === kind))
    return `("${name}") has the kind ${shown(kind)}; known: ${kinds.join(', ')}`;
  const isTitle = typeof title === 'string' && title.trim() !== '';
  if (!isTitle && (title !== undefined || titledKinds.some((titled) => titled === kind)))
    return `("${name}") has no "title", the method as people call it: ${shown(title)}`;
  if (typeof cacheVersion !== 'string') return `("${name}") has no "cacheVersion" text: ${shown(cacheVersion)}`;
  if (!isObject(source) || typeof source.title !== 'string' || typeof source.url !== 'string') {
    return `("${name}") has no "source" with a title and a url`;
  }
  if (source.departures !== undefined && !isTexts(source.departures))
    return `("${name}") has a "source" with "departures" that are not a list of texts`;
  if (!isObject(options) || !isObject(options._zod) || !isObject(options.shape)) {
    return `("${name}") has "options" that are not a zod 4 object schema`;
  }
  if (typeof create !== 'function') return `("${name}") has no "create" function`;
  const other = asked.find((member) => value[member] !== undefined && typeof value[member] !== 'function');
  if (other) return `("${name}") has ${/^[aeiou]/.test(other) ? 'an' : 'a'} "${other}" that is not a function`;
  if (value.fileForms !== undefined && !isForms(value.fileForms))
    return `("${name}") has "fileForms" that are not functions by endings such as ".onnx"`;
  if (usesSeed !== undefined && typeof usesSeed !== 'boolean' && usesSeed !== 'paired')
    return `("${name}") has a "usesSeed" that is neither true nor false, nor "paired": ${shown(usesSeed)}`;
  if (value.needsData !== undefined && typeof value.needsData !== 'boolean')
    return `("${name}") has a "needsData" that is neither true nor false: ${shown(value.needsData)}`;
  for (const member of ['banks', 'needsBanks']) {
    const problem = value[member] === undefined ? undefined : formProblem(value[member]);
    if (problem !== undefined) return `("${name}") has "${member}" that are ${problem}`;
  }
  if (value.asksExplainer !== undefined && !areOptions(value.asksExplainer, options.shape))
    return `("${name}") has "asksExplainer" that is not a list of its options: ${shown(value.asksExplainer)}`;
  if (value.diagnostics !== undefined && !isWords(value.diagnostics))
    return `("${name}") has "diagnostics" that are not words by name: ${shown(value.diagnostics)}`;
  if (files !== undefined && !isTexts(files)) return `("${name}") has "files" that are not a list of file names`;
  if (kind === 'metric' && !isNeeds(inputs))
    return `("${name}") is a metric without "inputs", the list of what it measures`;
  if (optionalInputs !== undefined && !isNeeds(optionalInputs))
    return `("${name}") has "optionalInputs" that are not a list of what a metric may measure`;
  const plugin = value as unknown as Plugin; // every field was just checked
  return notStrict(name, plugin) ?? clash(name, plugin, taken(plugin.kind));
}

function areOptions(names: unknown, shape: object): boolean {
  return Array.isArray(names) && names.every((name) => typeof name === 'string' && Object.hasOwn(shape, name));
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string' && text !== '');
}

function isWords(value: unknown): boolean {
  return isObject(value) && !Array.isArray(value) && isTexts(Object.values(value));
}

function isNeeds(inputs: unknown): boolean {
  return Array.isArray(inputs) && inputs.length > 0 && inputs.every((need) => Object.hasOwn(metricInputs, need));
}

function notStrict(name: string, { options }: Plugin): string | undefined {
  try {
    const { additionalProperties } = z.toJSONSchema(options, { io: 'input' });
    if (additionalProperties === false) return undefined;
    return `("${name}") has options that are not strict; write them with z.strictObject`;
  } catch (error) {
    return `("${name}") has options that JSON cannot say: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function clash(name: string, { kind, options }: Plugin, taken: readonly string[]): string | undefined {
  const option = taken.find((key) => Object.hasOwn(options.shape, key));
  return option && `("${name}") has an option "${option}", which every ${kind} already has from the runner`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function invalid(packageName: string, problem: string): StudyError {
  return new StudyError(
    'core/plugin-invalid',
    `The package "${packageName}" is not a plugin package: ${problem}. ${example}`,
  );
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : written(value);
}

function isForms(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.entries(value).every(([ending, form]) => /^\.[a-z0-9]+$/.test(ending) && typeof form === 'function')
  );
}
