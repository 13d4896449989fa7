import { mostImages, type SplitName } from '@espalier/core';
import * as z from 'zod';
import { partOf } from '../artifacts/split.ts';
import { defineKind, type Outputs } from './node-kind.ts';

const parts: readonly SplitName[] = ['train', 'tune', 'val', 'eval'];

const options = z.strictObject({
  evalPerClass: z
    .int()
    .min(1)
    .max(mostImages)
    .nullable()
    .default(null)
    .describe('images per class of the part "eval", drawn from "val"; null takes all of "val"'),
});

/** Opens a dataset, notes in the log what it has to say, and hands over its parts. */
export const dataset = defineKind<'dataset', typeof options>({
  inputs: () => ({}),
  outputs: { train: 'split', tune: 'split', val: 'split', eval: 'split' },
  options,
  arithmetic: 'none',
  check({ evalPerClass }, { dataset: outline }) {
    const counts = outline?.mostPerClass?.val;
    const least = counts && Math.min(...counts);
    if (evalPerClass === null || least === undefined || evalPerClass <= least) return [];
    const short = outline!.classes[counts!.indexOf(least)];
    const text = `Expected at most ${least} images per class, for "${short}" has no more to evaluate on; found ${evalPerClass}.`;
    return [{ path: ['evalPerClass'], text }];
  },
  reopens: true,
  async run(port, { madeBy, services, options: { evalPerClass } }) {
    for (const note of port.notes ?? []) services.log(note);
    const outputs: Record<string, Outputs[string]> = {};
    for (const part of parts) {
      const perClass = part === 'eval' ? evalPerClass : null;
      const split = partOf(port, part, perClass, madeBy.seed);
      outputs[part] = { kind: 'split', value: { split, madeBy, part, perClass } };
    }
    return outputs;
  },
});
