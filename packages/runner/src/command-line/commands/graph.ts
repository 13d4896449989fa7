import { resolve } from 'node:path';
import { terminalText } from '@espalier/secrets';
import { writeDurably } from '@espalier/store';
import { dot, mermaid, nodeGraph, svg } from '@espalier/study';
import { openStudy, type StudyRequest } from '../../opening/opened-study.ts';
import type { Output } from './output.ts';

const formats = { mermaid, dot, svg } as const;

export type GraphFormat = keyof typeof formats;

/** Draws the nodes of a study. */
export async function graphCommand(
  request: StudyRequest,
  { format, out }: { readonly format: GraphFormat; readonly out: string | undefined },
  output: Output,
): Promise<number> {
  await using opened = await openStudy(request);
  const text = await formats[format](nodeGraph(opened.plan));
  if (out === undefined) output.write(text);
  else {
    await writeDurably(resolve(out), Buffer.from(terminalText(text))); // terminals show files, too
    output.write(`wrote    ${resolve(out)}\n`);
  }
  return 0;
}
