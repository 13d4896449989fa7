import * as z from 'zod';

/** The part of a JSON Schema that zod writes for options. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

interface Row {
  readonly option: string;
  readonly values: string;
  readonly standard: string;
  readonly meaning: string;
}

/**
 * The options of a plugin as a table in Markdown: name, values, default, meaning, each as its zod schema has it. Fields of
 * objects are rows of their own.
 *
 * @throws Error naming the options without a description
 */
export function optionTable(options: z.ZodType): string {
  const schema = z.toJSONSchema(options, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Schema; // of an object
  const rows = rowsOf(schema, '');
  const silent = rows.filter(({ meaning }) => !meaning).map(({ option }) => option);
  if (silent.length > 0) throw new Error(`Options without a description: ${silent.join(', ')}.`);
  const cells = rows.map(({ option, values, standard, meaning }) => [`\`${option}\``, values, standard, meaning]);
  return markdownTable([['Option', 'Values', 'Default', 'Meaning'], ...cells]);
}

function rowsOf({ properties = {}, required = [] }: Schema, prefix: string): readonly Row[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const option = `${prefix}${name}`;
    const meaning = schema.description ?? (schema.const === undefined ? '' : 'names this variant');
    const row = { option, values: valuesOf(schema), standard: defaultOf(schema, required.includes(name)), meaning };
    return [row, ...objectsOf(schema).flatMap((inner) => rowsOf(withoutConstants(inner), `${option}.`))].filter(
      (each, i, all) => all.findIndex(({ option }) => option === each.option) === i,
    );
  });
}

/** The objects that a value may be, itself or one of its alternatives. */
function objectsOf(schema: Schema): readonly Schema[] {
  if (schema.properties) return [schema];
  return alternatives(schema).flatMap(objectsOf);
}

/** What tells alternatives apart stands in the values of the option itself. */
function withoutConstants(schema: Schema): Schema {
  const kept = Object.entries(schema.properties ?? {}).filter(([, { const: fixed }]) => fixed === undefined);
  return { ...schema, properties: Object.fromEntries(kept) };
}

function alternatives({ anyOf = [], oneOf = [] }: Schema): readonly Schema[] {
  return [...anyOf, ...oneOf];
}

function defaultOf(schema: Schema, isRequired: boolean): string {
  if (schema.default !== undefined) return code(schema.default);
  return isRequired ? 'required' : 'none';
}

function valuesOf(schema: Schema): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  const parts = [...new Set(alternatives(schema).map(valuesOf))];
  if (parts.length > 0) return parts.join(' or ');
  if (schema.type === 'array') return `list of ${schema.items ? valuesOf(schema.items) : 'values'}`;
  if (schema.properties) return objectText(schema.properties);
  if (schema.type === 'number' || schema.type === 'integer')
    return [schema.type === 'integer' ? 'whole number' : 'number', rangeOf(schema)].filter(Boolean).join(' ');
  const types = [schema.type ?? 'any'].flat();
  return types.map((type) => (type === 'string' ? 'text' : type)).join(' or ');
}

function objectText(properties: Readonly<Record<string, Schema>>): string {
  const names = Object.entries(properties).map(([name, { const: fixed }]) =>
    fixed === undefined ? name : `${name}: ${JSON.stringify(fixed)}`,
  );
  return `\`{ ${names.join(', ')} }\``;
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const low = exclusiveMinimum ?? finite(minimum);
  const high = exclusiveMaximum ?? finite(maximum);
  if (low === undefined && high === undefined) return '';
  if (high === undefined) return exclusiveMinimum === undefined ? `from ${low}` : `above ${low}`;
  if (low === undefined) return exclusiveMaximum === undefined ? `to ${high}` : `below ${high}`;
  return `in ${exclusiveMinimum === undefined ? '[' : '('}${low}, ${high}${exclusiveMaximum === undefined ? ']' : ')'}`;
}

/** zod writes the largest safe integers for none. */
function finite(bound: number | undefined): number | undefined {
  return bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : undefined;
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** Columns as wide as their widest cell. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')));
  const widths = cells[0]!.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const [head, ...body] = cells;
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
