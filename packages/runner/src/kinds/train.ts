import { proveSparsity, trainOptions } from '@espalier/core';
import type * as z from 'zod';
import { trainingFindings } from './image-counts.ts';
import type { RunnableKind } from './node-kind.ts';
import { keepOption, selectFindings, selectPort, selectRequest } from './selection.ts';

const options = trainOptions.extend({ keep: keepOption });

/** Trains a model: the built-in node `core/train`, which no plugin stands behind. */
export const train: RunnableKind = {
  inputs: () => ({ model: { kind: 'model' }, data: { kind: 'split' }, select: selectPort }),
  outputs: { model: 'model' },
  options,
  arithmetic: 'training',
  check(asked, known) {
    const parsed = asked as z.output<typeof options>; // parsed by `options` before
    return [...selectFindings(parsed.keep, known), ...trainingFindings(parsed, known, [])];
  },
  async run(_port, { use, inputs, options: parsed, train: trains }) {
    const { keep, ...training } = parsed as z.output<typeof options>; // parsed by `options` before
    const start = await inputs.load('model', 'model');
    const data = await inputs.load('data', 'split');
    const select = await selectRequest(use, inputs, keep);
    const { selected, model } = await trains(start.model, data, training, { select });
    const { madeBy, architecture, unenforced, proof: before } = start;
    const proof = await proveSparsity(model, before?.claim);
    return { model: { kind: 'model', value: { model, madeBy, architecture, proof, unenforced, selected } } };
  },
};
