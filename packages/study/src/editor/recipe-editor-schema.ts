import * as z from 'zod';
import type { JsonSchema } from '../nodes/node-types.ts';
import { recipeSchema } from '../recipes/recipe-schema.ts';
import { strictSchema } from './strict-schema.ts';

/**
 * The JSON Schema (2020-12) that editors complete a recipe from: its form. What nodes may be called and take depends on the study that
 * includes it, whose plan says it.
 */
export function recipeEditorSchema(): JsonSchema {
  const { $schema, ...base } = z.toJSONSchema(recipeSchema, { io: 'input' });
  return { $schema, title: 'Espalier recipe', ...strictSchema(base) };
}
