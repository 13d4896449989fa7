import type { Placed } from '../text/placed.ts';
import { type Problem, shown } from '../text/problems.ts';
import type { RecipeParam, ValueType } from './recipe-schema.ts';
import type { GivenParam } from './recipe-values.ts';

/** What is wrong with the types of the recipes' parameters, once their values are known. */
export function typeProblems(
  given: ReadonlyMap<string, GivenParam>,
  values: ReadonlyMap<string, Placed>,
): readonly Problem[] {
  return [...given].flatMap(([name, { param }]) => {
    const placed = values.get(name);
    return (placed && typeProblem(name, param, placed)) ?? [];
  });
}

function typeProblem(name: string, param: RecipeParam, placed: Placed): Problem | undefined {
  const types = typesOf(param);
  const { value } = placed;
  const isReference = typeof value === 'object' && value !== null && '$axis' in value;
  if (types.length === 0 || isReference || types.some((type) => isOf(value, type))) return undefined;
  const expected = types.map((type) => names[type]).join(' or ');
  const text = `Expected ${expected} for ${name} (${param.description}); found ${shown(value)}.`;
  return { code: 'study/invalid', place: placed.placeOf([]), text };
}

/** The types that a parameter's value may have: those that it names, or that of its default; any where there are none. */
export function typesOf({ type, default: standard }: RecipeParam): readonly ValueType[] {
  if (type !== undefined) return [type].flat();
  if (standard === undefined || standard === null) return [];
  if (Array.isArray(standard)) return ['array'];
  if (typeof standard === 'object') return '$param' in standard ? [] : ['object'];
  return typeof standard === 'boolean' ? ['boolean'] : [typeof standard === 'number' ? 'number' : 'string'];
}

function isOf(value: unknown, type: ValueType): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

const names: Readonly<Record<ValueType, string>> = {
  null: 'null',
  boolean: 'true or false',
  number: 'a number',
  integer: 'a whole number',
  string: 'a text',
  array: 'a list [ ]',
  object: 'an object { }',
};
