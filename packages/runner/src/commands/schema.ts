import { resolve } from 'node:path';
import { writeDurably } from '../durable-files.ts';
import { studySchemaFor } from '../opened-study.ts';
import type { Output } from './output.ts';

/** Writes the JSON Schema that editors complete a study from: with the options of its plugins, or without a study. */
export async function schemaCommand(
  study: string | undefined,
  out: string | undefined,
  output: Output,
): Promise<number> {
  const text = `${JSON.stringify(await studySchemaFor(study), undefined, 2)}\n`;
  if (out === undefined) output.write(text);
  else {
    await writeDurably(resolve(out), Buffer.from(text));
    output.write(`wrote    ${resolve(out)}\n`);
  }
  return 0;
}
