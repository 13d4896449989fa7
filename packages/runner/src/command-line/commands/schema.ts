import { resolve } from 'node:path';
import { writeDurably } from '@espalier/store';
import { studySchemaFor } from '../../opening/opened-study.ts';
import type { Output } from './output.ts';

/** Writes the JSON Schema that editors complete a study from: with the options of its plugins, or without a study. */
export async function schemaCommand(
  study: string | undefined,
  out: string | undefined,
  output: Output,
): Promise<number> {
  const schema = await studySchemaFor(study);
  if (out === undefined) output.writeJson(schema, 2);
  else {
    await writeDurably(resolve(out), Buffer.from(`${JSON.stringify(schema, undefined, 2)}\n`));
    output.write(`wrote    ${resolve(out)}\n`);
  }
  return 0;
}
