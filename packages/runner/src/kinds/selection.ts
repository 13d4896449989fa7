import { type OptionFinding, StudyError } from '@espalier/core';
import type { InputPort, KindKnowledge } from '@espalier/study';
import * as z from 'zod';
import type { SelectRequest } from '../training/select-epoch.ts';
import { emptyFindings } from './image-counts.ts';
import type { InstanceInputs } from './node-kind.ts';

/** Images on which epochs are compared: connected, the best epoch is kept; unconnected, the last one. */
export const selectPort: InputPort = { kind: 'split', optional: true };

/** Which weights a training keeps, where the input `select` is connected. */
export const keepOption = z
  .enum(['best-after-epoch', 'best-before-epoch', 'last'])
  .default('best-after-epoch')
  .describe(
    'with images on the input `select`: keep the weights that are most accurate on them, of those after each epoch, or of those ' +
      'before each epoch (never the last); `last` keeps those of the last epoch all the same',
  );

/** What `select` and `keep` ask for together. @throws StudyError `study/invalid` when epochs are to be compared on nothing */
export async function selectRequest(
  use: string,
  inputs: InstanceInputs,
  keep: z.output<typeof keepOption>,
): Promise<SelectRequest | undefined> {
  if (keep === 'last') return undefined;
  const compared = keep === 'best-after-epoch' ? 'after-epoch' : 'before-epoch';
  if (inputs.has('select')) return { data: await inputs.load('select', 'split'), compared };
  if (keep === 'best-after-epoch') return undefined;
  throw new StudyError('study/invalid', nothingToCompareOn(use));
}

/** What `selectRequest` would refuse, before anything runs. */
export function selectFindings(
  keep: z.output<typeof keepOption>,
  { use, connected, select }: Pick<KindKnowledge, 'use' | 'connected' | 'select'>,
): readonly OptionFinding[] {
  if (keep === 'last') return [];
  if (connected.has('select')) return emptyFindings(select, 'select', use);
  if (keep === 'best-after-epoch') return [];
  return [{ path: ['keep'], text: nothingToCompareOn(use) }];
}

function nothingToCompareOn(use: string): string {
  return `${use} has "keep", but no images to compare epochs on. Connect its input "select", for example to data.tune.`;
}
