import { type OptionFinding, StudyError } from '@espalier/core';
import * as z from 'zod';
import type { SelectRequest } from '../select-epoch.ts';
import { emptyFindings } from './image-counts.ts';
import type { InputPort, InstanceInputs, KindKnowledge } from './node-kind.ts';

/** Images on which epochs are compared: connected, the best epoch is kept; unconnected, the last one. */
export const selectPort: InputPort = { kind: 'split', optional: true };

/** Which weights compete, where the input `select` is connected. */
export const compareOption = z
  .enum(['after-epoch', 'before-epoch', 'nothing'])
  .default('after-epoch')
  .describe(
    'with images on the input `select`: keep the most accurate weights after an epoch, or before one (never the ' +
      'last); `nothing` keeps the last epoch all the same',
  );

/**
 * What the input `select` and the option `compare` ask for together.
 *
 * @throws StudyError `study/invalid` when epochs are to be compared on nothing
 */
export async function selectRequest(
  use: string,
  inputs: InstanceInputs,
  compared: z.output<typeof compareOption>,
): Promise<SelectRequest | undefined> {
  if (compared === 'nothing') return undefined;
  if (inputs.has('select')) return { data: await inputs.load('select', 'split'), compared };
  if (compared === 'after-epoch') return undefined;
  throw new StudyError('study/invalid', nothingToCompareOn(use));
}

/** What `selectRequest` would refuse, before anything runs. */
export function selectFindings(
  compared: z.output<typeof compareOption>,
  { use, connected, select }: Pick<KindKnowledge, 'use' | 'connected' | 'select'>,
): readonly OptionFinding[] {
  if (compared === 'nothing') return [];
  if (connected.has('select')) return emptyFindings(select, 'select', use);
  if (compared === 'after-epoch') return [];
  return [{ path: ['compare'], text: nothingToCompareOn(use) }];
}

function nothingToCompareOn(use: string): string {
  return `${use} has "compare", but no images to compare epochs on. Connect its input "select", for example to data.tune.`;
}
