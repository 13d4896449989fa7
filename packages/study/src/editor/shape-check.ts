import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonSchema } from '../nodes/node-types.ts';
import type { Path } from '../text/located-text.ts';
import { type Problem, shown, suggestion } from '../text/problems.ts';

// Compiling takes longer than everything else a plan does; a host may plan many studies of the same plugins.
const compiled = new Map<string, ValidateFunction>();
const mostCompiled = 8;

/** Every place where `value` is not what `schema` (2020-12) says. */
export function shapeProblems(value: unknown, schema: JsonSchema): readonly Problem[] {
  const validate = validatorOf(schema);
  if (validate(value)) return [];
  return relevant(validate.errors ?? []).map(problemOf);
}

function validatorOf(schema: JsonSchema): ValidateFunction {
  const text = JSON.stringify(schema);
  const found = compiled.get(text);
  if (found) return found;
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
    // The schema is mostly used once: what makes checking faster makes compiling slower. A test validates it.
    inlineRefs: false,
    code: { optimize: false },
    validateSchema: false,
  });
  const validate = ajv.compile(schema);
  if (compiled.size >= mostCompiled) compiled.clear();
  compiled.set(text, validate);
  return validate;
}

/** Without what only repeats: summaries of `if`, and the branches of `anyOf` that the value does not resemble. */
function relevant(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  let kept = errors.filter(({ keyword }) => keyword !== 'if' && keyword !== 'propertyNames');
  for (const summary of errors.filter(({ keyword }) => keyword === 'anyOf')) {
    const inside = kept.filter(
      (error) => error !== summary && error.schemaPath.startsWith(`${summary.schemaPath}/`) && isAt(error, summary),
    );
    const near = resembling(inside, summary);
    const drop = new Set(near.length > 0 ? [summary, ...inside.filter((error) => !near.includes(error))] : inside);
    kept = kept.filter((error) => !drop.has(error));
  }
  return kept;
}

function isAt(error: ErrorObject, summary: ErrorObject): boolean {
  return error.instancePath === summary.instancePath || error.instancePath.startsWith(`${summary.instancePath}/`);
}

/** The errors of the one branch whose type the value has, if there is one. */
function resembling(inside: readonly ErrorObject[], summary: ErrorObject): readonly ErrorObject[] {
  const branches = new Map<string, ErrorObject[]>();
  for (const error of inside) {
    const branch = error.schemaPath.slice(summary.schemaPath.length + 1).split('/')[0]!;
    branches.set(branch, [...(branches.get(branch) ?? []), error]);
  }
  const near = [...branches.values()].filter(
    (errors) =>
      !errors.some(({ keyword, instancePath }) => keyword === 'type' && instancePath === summary.instancePath),
  );
  return near.length === 1 ? near[0]! : [];
}

function problemOf(error: ErrorObject): Problem {
  const { keyword, params, data, parentSchema } = error;
  const path = pathOf(error.instancePath);
  const known = Object.keys((parentSchema?.properties as object | undefined) ?? {}); // a JSON Schema's properties
  const about = typeof parentSchema?.description === 'string' ? ` (${parentSchema.description})` : '';
  const at = (text: string, place: Path = path, key = false): Problem => ({
    code: 'study/invalid',
    place: { path: place, key },
    text,
  });
  if (keyword === 'additionalProperties') {
    const key = String(params.additionalProperty);
    return at(`There is no "${key}" here.${suggestion(key, known)}`, [...path, key], true);
  }
  if (keyword === 'required') {
    const key = String(params.missingProperty);
    const child = (parentSchema?.properties as Record<string, JsonSchema> | undefined)?.[key]; // a JSON Schema's properties
    return at(`"${key}" is missing${typeof child?.description === 'string' ? `: ${child.description}` : ''}.`);
  }
  if (keyword === 'pattern' && error.propertyName !== undefined) {
    return at(`The name "${error.propertyName}" must match ${params.pattern}.`, [...path, error.propertyName], true);
  }
  if (keyword === 'anyOf' && typeof parentSchema?.description === 'string') {
    return at(`Expected ${parentSchema.description}; found ${shown(data)}.`);
  }
  if (keyword === 'type') return at(`Expected ${withArticle(String(params.type))}${about}; found ${shown(data)}.`);
  if (keyword === 'const') return at(`Expected ${shown(params.allowedValue)}${about}; found ${shown(data)}.`);
  if (keyword === 'enum')
    return at(`Expected one of ${params.allowedValues.map(shown).join(', ')}; found ${shown(data)}.`);
  return at(`It ${error.message ?? 'is not valid'}${about}; found ${shown(data)}.`);
}

function withArticle(type: string): string {
  const names: Readonly<Record<string, string>> = {
    object: 'an object { }',
    array: 'a list [ ]',
    integer: 'a whole number',
    string: 'a text',
  };
  return names[type] ?? `a ${type}`;
}

function pathOf(instancePath: string): Path {
  return instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
