import type { ConceptBank, Label, Labelled, Measurement, MetricInputs, MetricNeed, Scores } from '@espalier/core';
import type { ArtifactKind, InputPort } from '@espalier/study';
import * as z from 'zod';
import { emptyFindings } from './image-counts.ts';
import { defineKind, type InstanceInputs } from './node-kind.ts';

const kindOf: Readonly<Record<MetricNeed, ArtifactKind>> = {
  model: 'model',
  images: 'split',
  attributions: 'attributions',
  explainer: 'explainer',
  concepts: 'concepts',
  nullConcepts: 'concepts',
  otherConcepts: 'concepts',
};

const options = z.strictObject({});

/** Measures what its plugin asks for. */
export const metric = defineKind<'metric', typeof options>({
  inputs: (plugin) => ({ ...portsOf(plugin?.inputs ?? [], false), ...portsOf(plugin?.optionalInputs ?? [], true) }),
  outputs: { scores: 'scores' },
  options,
  arithmetic: 'inference',
  check: (_, { images, use }) => emptyFindings(images, 'images', use),
  takesBaseline: true,
  async run(port, { title, inputs, baseline }) {
    const of = await labelsOf(inputs);
    const measured = await port.measure(await read(inputs), baseline && (await read(baseline)));
    const labelled = (scores: Measurement): Scores => ({
      ...scores,
      label: { name: title, preset: scores.preset, changes: {}, of },
    });
    return { scores: { kind: 'scores', value: measured.map(labelled) } };
  },
});

// A null is drawn at random: several draws, gathered, tell its mean.
const severalDraws: ReadonlySet<MetricNeed> = new Set(['nullConcepts']);

function portsOf(needs: readonly MetricNeed[], optional: boolean): Readonly<Record<string, InputPort>> {
  return Object.fromEntries(
    needs.map((need) => [need, { kind: kindOf[need], optional, many: severalDraws.has(need) }]),
  );
}

/** Labels of what was measured, by input; images and models are told by the instance. */
async function labelsOf(inputs: InstanceInputs): Promise<Label['of']> {
  const banks = async (port: string): Promise<readonly [string, Label][]> => {
    const [first] = await allBanks(inputs, port);
    return first ? [[port, first.label]] : [];
  };
  const connected = async (port: string): Promise<readonly [string, Label][]> => {
    if (!inputs.has(port)) return [];
    if (port === 'attributions') return [[port, (await inputs.load(port, 'attributions')).label]];
    if (port === 'explainer') return [[port, (await inputs.load(port, 'explainer')).label]];
    return banks(port);
  };
  const ports = ['attributions', 'explainer', 'concepts', 'nullConcepts', 'otherConcepts'];
  return Object.fromEntries((await Promise.all(ports.map(connected))).flat());
}

async function read(inputs: InstanceInputs): Promise<Partial<MetricInputs>> {
  return {
    ...(inputs.has('model') && { model: (await inputs.load('model', 'model')).model }),
    ...(inputs.has('images') && { images: (await inputs.load('images', 'split')).split }),
    ...(inputs.has('attributions') && { attributions: await inputs.load('attributions', 'attributions') }),
    ...(inputs.has('explainer') && { explainer: (await inputs.load('explainer', 'explainer')).explainer }),
    ...(inputs.has('concepts') && { concepts: await inputs.load('concepts', 'concepts') }),
    ...(inputs.has('nullConcepts') && { nullConcepts: await allBanks(inputs, 'nullConcepts') }),
    ...(inputs.has('otherConcepts') && { otherConcepts: await inputs.load('otherConcepts', 'concepts') }),
  };
}

async function allBanks(inputs: InstanceInputs, port: string): Promise<readonly Labelled<ConceptBank>[]> {
  const lists = await Promise.all(inputs.entries(port, 'concepts').map((entry) => entry.load()));
  return lists.flat();
}
