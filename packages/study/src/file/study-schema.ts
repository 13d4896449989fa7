import * as z from 'zod';
import { executionFields } from './execution.ts';

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]*$/);

const param = z.strictObject({ $param: z.string() }).describe('the value of a parameter: { "$param": "levels" }');
const axis = z.strictObject({ $axis: z.string() }).describe('the value on an axis: { "$axis": "sparsity" }');
const label = z.union([z.string(), z.number()]);
const from = z.string().describe('node and port that this comes from, for example data.train');
const at = 'takes only the instances at these labels: { "arm": "magnitude", "sparsity": [0, 0.7] }';
const edge = z
  .strictObject({
    $from: from,
    at: z
      .record(z.string(), z.union([label, param, z.array(label).min(1)]))
      .optional()
      .describe(at),
  })
  .describe('an edge: { "$from": "data.train" }');
const outputEdge = z
  .strictObject({
    $from: from,
    at: z
      .record(z.string(), z.union([label, z.array(label).min(1)]))
      .optional()
      .describe(at),
  })
  .describe('an edge: { "$from": "report.report.html" }');

const options = z.record(z.string(), z.unknown()).describe('options of the plugin');

const axisValue = z
  .union([
    z.string(),
    z.number(),
    z.boolean(),
    z.strictObject({
      use: z.string().describe('plugin to use at this value'),
      with: options.optional().describe('options at this value, over those of the node'),
      label: z.union([z.string(), z.number()]).optional().describe('name of this value; by default its "use"'),
    }),
    z.strictObject({
      label: z.union([z.string(), z.number()]).describe('name of this value'),
      value: z.unknown().describe('any JSON value'),
    }),
    param,
  ])
  .describe('a value of the axis: text, number, { "use", "with" } or { "label", "value" }');

const axisValues = z.union([param, z.array(axisValue).min(1)]).describe('the values of an axis: a list');
const labels = z.record(z.string(), z.union([z.string(), z.number()])).describe('one label per axis: { "seed": 1 }');

const matrix = z
  .object({
    include: z.array(labels).optional().describe('combinations to add; each names every axis of this matrix'),
    exclude: z.array(labels).optional().describe('combinations to leave out; each names some axes of this matrix'),
  })
  .catchall(axisValues)
  .describe('axes of this node: one instance for every combination of their values');

const scan = z
  .strictObject({
    axis: name.describe('name of the axis that this chain makes'),
    over: axisValues.describe('the values of the axis in order: a list'),
    carry: z
      .record(z.string(), z.string())
      .describe('input port: output port of the instance before, which it takes the place of'),
    zero: z
      .union([z.string(), z.number()])
      .optional()
      .describe('a label: that of an instance before the first, which hands its carried input on unchanged'),
  })
  .describe('a chain: each instance starts from what the one before produced');

const baseline = z
  .strictObject({
    axis: z.string().describe('axis of the inputs'),
    at: z.union([z.string(), z.number(), param]).describe('a label: the one at which the inputs are also handed over'),
  })
  .describe('the inputs at one label of an axis, beside each instance');

const node = z
  .strictObject({
    description: z.string().optional().describe('what this step is for'),
    use: z.union([z.string(), axis]).describe('a plugin: "<alias>/<name>", or { "$axis": "explainer" }'),
    in: z
      .record(z.string(), z.union([edge, z.array(edge).min(1)]).describe('an edge, or a list of edges'))
      .optional()
      .describe('what each input port is connected to'),
    with: options.optional(),
    matrix: matrix.optional(),
    scan: scan.optional(),
    gather: z
      .array(z.string())
      .optional()
      .describe(
        'axes that end here: ports that take many get all their values; a reporter gathers all unless this says which, [] none',
      ),
    baseline: baseline.optional(),
    ...executionFields,
  })
  .describe('a step of the study');

const compute = z
  .strictObject({
    engine: z.enum(['auto', 'tensorflow', 'wasm']).optional().describe('what computes; auto takes the fastest found'),
    inference: z.enum(['exact', 'fast']).optional().describe('exact is float32, fast is bfloat16'),
    training: z.enum(['exact', 'fast']).optional().describe('exact is float32, fast is bfloat16'),
  })
  .describe('which engine computes, in which arithmetic');

const values = z.record(z.string(), z.unknown());

/** What a study file may say, before plugins add their options. */
export const studySchema = z.strictObject({
  $schema: z.string().optional().describe('schema for editors'),
  apiVersion: z.literal('study/v1').describe('version of this file format'),
  name: name.describe('name of the study: letters, digits, - and _'),
  description: z.string().optional().describe('what the study asks'),
  plugins: z
    .record(name, z.string().min(1))
    .describe("alias: npm package, or a folder such as ./my-plugin; . is the study's own"),
  params: values.optional().describe('named values that nodes use by { "$param": "name" }'),
  profiles: z
    .record(
      name,
      z.strictObject({
        params: values.optional().describe('values over those of the study'),
        compute: compute.optional(),
      }),
    )
    .optional()
    .describe('named variants, chosen by --profile'),
  seed: z.int().min(0).describe('all randomness of the study derives from it'),
  compute: compute.optional(),
  defaults: z.strictObject(executionFields).optional().describe('how instances run where their node does not say it'),
  maxInstances: z.int().min(1).optional().describe('most instances that the study may expand to; 1000 by default'),
  nodes: z.record(name, node).describe('the steps of the study, by name'),
  outputs: z.record(z.string(), outputEdge).optional().describe('file to write: what to write there'),
});
