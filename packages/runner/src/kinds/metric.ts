import type { MetricInputs, MetricNeed } from '@espalier/core';
import * as z from 'zod';
import type { ArtifactKind } from '../artifact-kinds.ts';
import { defineKind, type InputPort, type InstanceInputs } from './node-kind.ts';

const kindOf: Readonly<Record<MetricNeed, ArtifactKind>> = {
  model: 'model',
  images: 'split',
  attributions: 'attributions',
  concepts: 'concepts',
};

const options = z.strictObject({});

/** Measures what its plugin asks for. */
export const metric = defineKind<'metric', typeof options>({
  inputs: (plugin) =>
    Object.fromEntries((plugin?.inputs ?? []).map((need): [string, InputPort] => [need, { kind: kindOf[need] }])),
  outputs: { scores: 'scores' },
  options,
  arithmetic: 'inference',
  takesBaseline: true,
  async run(port, { inputs, baseline }) {
    const measured = await port.measure(await read(inputs), baseline && (await read(baseline)));
    return { scores: { kind: 'scores', value: measured } };
  },
});

async function read(inputs: InstanceInputs): Promise<Partial<MetricInputs>> {
  return {
    ...(inputs.has('model') && { model: (await inputs.load('model', 'model')).model }),
    ...(inputs.has('images') && { images: (await inputs.load('images', 'split')).split }),
    ...(inputs.has('attributions') && { attributions: await inputs.load('attributions', 'attributions') }),
    ...(inputs.has('concepts') && { concepts: await inputs.load('concepts', 'concepts') }),
  };
}
