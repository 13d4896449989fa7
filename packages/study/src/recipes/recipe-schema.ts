import * as z from 'zod';
import { artifactKinds } from '../file/artifact-kinds.ts';
import { name, pluginList, writtenEdge, writtenInclude, writtenNode } from '../file/study-schema.ts';

const valueTypes = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object'] as const;

/** What JSON may hold, in the words of JSON Schema. */
export type ValueType = (typeof valueTypes)[number];

const valueType = z.enum(valueTypes);

const input = z
  .strictObject({
    description: z.string().min(1).describe('what is connected here'),
    kind: z
      .enum([...artifactKinds, 'outputs'])
      .describe('what it takes; outputs is a node or an include whole: { "$from": "in.data.train" } takes one of them'),
    many: z.boolean().optional().describe('takes a list of edges'),
    optional: z.boolean().optional().describe('may be left unconnected: the edges from it are left out then'),
  })
  .describe('an input of the recipe');

const param = z
  .strictObject({
    description: z.string().min(1).describe('what the parameter is, with its unit'),
    type: z
      .union([valueType, z.array(valueType).min(1)])
      .optional()
      .describe('what its value is, in the words of JSON Schema; by default, that of its default'),
    default: z.unknown().optional().describe('its value where an include gives none; without one, it must be given'),
  })
  .describe('a parameter of the recipe');

/** What a recipe file may say. */
export const recipeSchema = z.strictObject({
  $schema: z.string().optional().describe('schema for editors'),
  apiVersion: z.literal('recipe/v1').describe('version of this file format'),
  name: name.describe('name of the recipe: letters, digits, - and _'),
  description: z.string().min(1).describe('what the recipe does'),
  plugins: pluginList.optional(),
  inputs: z.record(name, input).optional().describe('what a study connects: { "$from": "in.model" } in the nodes'),
  params: z.record(name, param).optional().describe('what a study may set: { "$param": "levels" } in the nodes'),
  include: z.record(name, writtenInclude).optional().describe('recipes that this one is made of'),
  nodes: z.record(name, writtenNode).describe('the steps of the recipe, by name'),
  outputs: z
    .record(
      z.string().min(1),
      z.union([writtenEdge, z.array(writtenEdge).min(1)]).describe('an edge, or a list of edges'),
    )
    .describe('what a study may take: name, and a port of a node, or several that are taken together'),
});

/** Any part of what a recipe file may say. */
export const recipeParts = recipeSchema.partial();

export type Recipe = z.output<typeof recipeSchema>;
export type RecipeParts = z.output<typeof recipeParts>;
export type RecipeInput = z.output<typeof input>;
export type RecipeParam = z.output<typeof param>;
