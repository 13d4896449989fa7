import * as z from 'zod';
import { executionFields } from './execution.ts';

/** The name of a study, or of a part of one. */
export const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]*$/);

const param = z.strictObject({ $param: z.string() }).describe('the value of a parameter: { "$param": "levels" }');
const axis = z.strictObject({ $axis: z.string() }).describe('the value on an axis: { "$axis": "sparsity" }');
const label = z.union([z.string(), z.number()]);
const labelOrParam = z.union([z.string(), z.number(), param]);
const from = z.string().describe('node and port that this comes from, for example data.train');

function edgeSchema<Label extends z.ZodType>(one: Label, example: string) {
  const at = 'takes only the instances at these labels: { "arm": "magnitude", "sparsity": [0, 0.7] }';
  const labels = z.union([one, z.array(label).min(1)]);
  return z
    .strictObject({ $from: from, at: z.record(z.string(), labels).optional().describe(at) })
    .describe(`an edge: { "$from": "${example}" }`);
}

const options = z.record(z.string(), z.unknown()).describe('options of the plugin');

const chooser = z.strictObject({
  use: z.string().describe('plugin to use at this value'),
  with: options.optional().describe('options at this value, over those of the node'),
  label: label.optional().describe('name of this value; by default its "use"'),
});
const labelled = z.strictObject({
  label: label.describe('name of this value'),
  value: z.nonoptional(z.unknown()).describe('any JSON value'),
});
const valueForms = [z.string(), z.number(), z.boolean(), chooser, labelled] as const;
const valueForm = 'a value of the axis: text, number, { "use", "with" } or { "label", "value" }';
const valuesForm = 'the values of an axis: a list';
const writtenValues = z
  .union([param, z.array(z.union([...valueForms, param]).describe(valueForm)).min(1)])
  .describe(valuesForm);
const values = z.array(z.union(valueForms).describe(valueForm)).min(1).describe(valuesForm);

const rows = z.array(z.record(z.string(), label).describe('one label per axis: { "seed": 1 }'));
const writtenRows = z.union([param, rows]);

interface Parts<Label, Values, Rows> {
  /** A label, which a parameter may stand for. */
  readonly label: Label;
  /** The values of an axis. */
  readonly values: Values;
  /** Combinations by their labels. */
  readonly rows: Rows;
}

function matrixSchema<Values extends z.ZodType, Rows extends z.ZodType>(
  parts: Pick<Parts<unknown, Values, Rows>, 'values' | 'rows'>,
) {
  return z
    .object({
      include: parts.rows.optional().describe('combinations to add: a list; each names every axis of this matrix'),
      exclude: parts.rows.optional().describe('combinations to leave out: a list; each names some axes of this matrix'),
    })
    .catchall(parts.values)
    .describe('axes of this node: one instance for every combination of their values');
}

function scanSchema<Values extends z.ZodType>(over: Values) {
  return z
    .strictObject({
      axis: name.describe('name of the axis that this chain makes'),
      over: over.describe('the values of the axis in order: a list'),
      carry: z
        .record(z.string(), z.string())
        .describe('input port: output port of the instance before, which it takes the place of'),
      zero: label
        .optional()
        .describe('a label: that of an instance before the first, which hands its carried input on unchanged'),
    })
    .describe('a chain: each instance starts from what the one before produced');
}

function nodeSchema<Label extends z.ZodType, Values extends z.ZodType, Rows extends z.ZodType>(
  parts: Parts<Label, Values, Rows>,
) {
  const edge = edgeSchema(parts.label, 'data.train');
  return z
    .strictObject({
      description: z.string().optional().describe('what this step is for'),
      use: z.union([z.string(), axis]).describe('a plugin: "<alias>/<name>", or { "$axis": "explainer" }'),
      in: z
        .record(z.string(), z.union([edge, z.array(edge).min(1)]).describe('an edge, or a list of edges'))
        .optional()
        .describe('what each input port is connected to'),
      with: options.optional(),
      matrix: matrixSchema(parts).optional(),
      scan: scanSchema(parts.values).optional(),
      gather: z
        .array(z.string())
        .optional()
        .describe(
          'axes that end here: ports that take many get all their values; a reporter gathers all unless this says which, [] none',
        ),
      baseline: z
        .strictObject({
          axis: z.string().describe('axis of the inputs'),
          at: parts.label.describe('a label: the one at which the inputs are also handed over'),
        })
        .describe('the inputs at one label of an axis, beside each instance')
        .optional(),
      beside: z
        .strictObject({
          at: z
            .record(z.string(), parts.label)
            .describe('labels of the instances which the others are put beside: { "arm": "magnitude" }'),
          in: z.record(z.string(), z.string()).describe('input port of the others: output port of those instances'),
        })
        .describe(
          'instances of this node that the others are held to: a control is made like the treatment of its level',
        )
        .optional(),
      ...executionFields,
    })
    .describe('a step of the study');
}

/** A node as it is written. */
export const writtenNode = nodeSchema({ label: labelOrParam, values: writtenValues, rows: writtenRows });

/** What a node says once parameters are put in. */
export const resolvedNode = nodeSchema({ label, values, rows });
/** What an output is: a port of a node, or one of its files. */
export const outputEdge = edgeSchema(label, 'report.report.html');

/** The same as it is written, where parameters may stand for labels. */
export const writtenEdge = edgeSchema(labelOrParam, 'dense.model');

/** A part of a study that is written in a file of its own. */
export const writtenInclude = z
  .strictObject({
    recipe: z
      .string()
      .min(1)
      .describe('a recipe: "<package>/<recipe>", or a file of this folder such as ./my-recipe.json'),
    in: z
      .record(z.string(), z.union([writtenEdge, z.array(writtenEdge).min(1)]).describe('an edge, or a list of edges'))
      .optional()
      .describe('what each input of the recipe is connected to'),
    with: z.record(z.string(), z.unknown()).optional().describe('values for the parameters of the recipe'),
  })
  .describe('a recipe, whose nodes are put in here');

const compute = z
  .strictObject({
    engine: z
      .enum(['auto', 'tensorflow', 'wasm'])
      .exactOptional()
      .describe('what computes; auto takes the fastest found'),
    inference: z.enum(['exact', 'fast']).exactOptional().describe('exact is float32, fast is bfloat16'),
    training: z.enum(['exact', 'fast']).exactOptional().describe('exact is float32, fast is bfloat16'),
  })
  .describe('which engine computes, in which arithmetic');

const params = z.record(z.string(), z.unknown());

/** The packages that a study or a recipe uses. */
export const pluginList = z
  .record(name, z.string().min(1))
  .describe("alias: npm package, or a folder such as ./my-plugin; . is the study's own");

/** What a study file may say, before plugins add their options. */
export const studySchema = z.strictObject({
  $schema: z.string().optional().describe('schema for editors'),
  apiVersion: z.literal('study/v1').describe('version of this file format'),
  name: name.describe('name of the study: letters, digits, - and _'),
  description: z.string().optional().describe('what the study asks'),
  plugins: pluginList,
  params: params.optional().describe('named values that nodes use by { "$param": "name" }'),
  profiles: z
    .record(
      name,
      z.strictObject({
        params: params.optional().describe('values over those of the study'),
        compute: compute.optional(),
      }),
    )
    .optional()
    .describe('named variants, chosen by --profile'),
  seed: z.int().min(0).describe('all randomness of the study derives from it'),
  compute: compute.optional(),
  defaults: z.strictObject(executionFields).optional().describe('how instances run where their node does not say it'),
  include: z
    .record(name, writtenInclude)
    .optional()
    .describe('recipes by the names under which their nodes and outputs stand here'),
  maxInstances: z.int().min(1).optional().describe('most instances that the study may expand to; 1000 by default'),
  nodes: z.record(name, writtenNode).describe('the steps of the study, by name'),
  outputs: z.record(z.string(), outputEdge).optional().describe('file to write: what to write there'),
});

/** Any part of what a study file may say. */
export const studyParts = studySchema.partial();

/** A study as it is written: parameters stand where they are used. */
export type Study = z.output<typeof studySchema>;
export type StudyParts = z.output<typeof studyParts>;
/** A node with parameters put in. */
export type ResolvedNode = z.output<typeof resolvedNode>;
/** An edge with parameters put in: `{ "$from": "data.train" }`. */
export type WrittenEdge = z.output<typeof outputEdge>;
/** An edge, in which parameters may stand for labels. */
export type UnresolvedEdge = z.output<typeof writtenEdge>;
export type WrittenInclude = z.output<typeof writtenInclude>;
/** A value of an axis as it is written. */
export type WrittenAxisValue = z.output<typeof values>[number];
export type Label = z.output<typeof label>;
