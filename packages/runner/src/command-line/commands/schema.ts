import { resolve } from 'node:path';
import { StudyError } from '@espalier/core';
import { writeDurably } from '@espalier/store';
import { recipeEditorSchema } from '@espalier/study';
import { studySchemaFor } from '../../opening/opened-study.ts';
import type { Output } from './output.ts';

/** Of what, and into which file; without one it is printed. */
export interface SchemaOptions {
  readonly out?: string;
  /** Of recipe files, not of studies. */
  readonly recipe?: boolean;
}

/**
 * Writes the JSON Schema that editors complete a study from, with the options of its plugins, or without a study; or a recipe.
 *
 * @throws StudyError `runner/options-invalid` for the schema of a recipe and of a study at once
 */
export async function schemaCommand(
  study: string | undefined,
  { out, recipe = false }: SchemaOptions,
  output: Output,
): Promise<number> {
  if (recipe && study !== undefined) throw bothAsked(study);
  const schema = recipe ? recipeEditorSchema() : await studySchemaFor(study);
  if (out === undefined) output.writeJson(schema, 2);
  else {
    await writeDurably(resolve(out), Buffer.from(`${JSON.stringify(schema, undefined, 2)}\n`));
    output.write(`wrote    ${resolve(out)}\n`);
  }
  return 0;
}

function bothAsked(study: string): StudyError {
  const text = `--recipe is the schema of every recipe, and takes no file; found "${study}". Leave out one of them.`;
  return new StudyError('runner/options-invalid', text);
}
