import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { readRegularFile } from '@espalier/files';
import { writeDurably } from '@espalier/store';
import {
  editorSchema,
  type IncludedStudy,
  includedSecrets,
  type JsonSchema,
  type ListedPackages,
  nodeTypes,
} from '@espalier/study';
import { nodeCatalogue } from '../kinds/index.ts';

// Larger ones would make a file that no editor reads.
const mostNodes = 1000;

/** The schema of a study with the plugins of the packages that could be loaded; the study may have mistakes. */
export function schemaOfStudy(
  study: IncludedStudy,
  { types, failed }: Pick<ListedPackages, 'types' | 'failed'>,
): JsonSchema {
  // What holds a secret is not written anywhere.
  const isNamed = study.nodes.size <= mostNodes && includedSecrets(study).length === 0;
  return editorSchema(types, isNamed ? study : undefined, failed);
}

/** Writes the schema that editors complete from, where it has changed. Returns why it could not be written. */
export async function keepSchema(schema: JsonSchema, home: string): Promise<string | undefined> {
  const path = schemaPath(home);
  const text = `${JSON.stringify(schema, undefined, 2)}\n`;
  try {
    if ((await kept(path))?.toString('utf8') !== text) await writeDurably(path, Buffer.from(text));
    return undefined;
  } catch (error) {
    const reason = errorCode(error) ?? (error instanceof Error ? error.message : String(error));
    return `The schema for editors is not kept: ${path} cannot be written (${reason}). Another place: --home <folder>.`;
  }
}

/** Writes a schema of any study where there is none yet: of a study whose text cannot be read as JSON, nothing else is known. */
export async function keepFirstSchema(home: string): Promise<void> {
  if (!(await kept(schemaPath(home)))) await keepSchema(editorSchema(nodeTypes(new Map(), nodeCatalogue)), home);
}

// What cannot be read is written again, or said to be in the way.
function kept(path: string): Promise<Buffer | undefined> {
  return readRegularFile(path, { what: 'the schema for editors' }).catch(() => undefined);
}

function schemaPath(home: string): string {
  return join(home, 'study.schema.json');
}

/** What the system called it, also of an error that was put into words. */
function errorCode(error: unknown): string | undefined {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  if (StudyError.is(error)) return cause === undefined ? undefined : errorCode(cause);
  return typeof code === 'string' ? code : undefined;
}
