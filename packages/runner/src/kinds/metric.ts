import { type Label, type MetricInput, type MetricNeed, metricInputs, scoresOf } from '@espalier/core';
import type { InputPort } from '@espalier/study';
import type { Values } from '../artifacts/artifact-kinds.ts';
import { emptyFindings } from './image-counts.ts';
import { modelLabels } from './model-label.ts';
import { defineKind, type InstanceInputs, noOptions } from './node-kind.ts';

/** Measures what its plugin declares. */
export const metric = defineKind<'metric', typeof noOptions>({
  inputs: (plugin) => ({ ...portsOf(plugin?.inputs ?? [], false), ...portsOf(plugin?.optionalInputs ?? [], true) }),
  outputs: { scores: 'scores' },
  options: noOptions,
  arithmetic: 'inference',
  check: (_, { images, use }) => emptyFindings(images, 'images', use),
  takesBaseline: true,
  async run(port, { label, inputs, baseline }) {
    const { given, labels } = await read(inputs);
    const measured = await port.measure(given, baseline && (await read(baseline)).given);
    return { scores: { kind: 'scores', value: measured.map((scores) => scoresOf(scores, label(labels))) } };
  },
});

function portsOf(needs: readonly MetricNeed[], optional: boolean): Readonly<Record<string, InputPort>> {
  return Object.fromEntries(
    needs.map((need): [string, InputPort] => {
      const { artifact, many = false }: MetricInput = metricInputs[need];
      return [need, { kind: artifact, optional, many }];
    }),
  );
}

interface Handed {
  readonly given: unknown;
  /** How it was made; images are told by their content. */
  readonly label?: Label | undefined;
}

type Hand = { readonly [Kind in MetricInput['artifact']]: (value: Values[Kind]) => Handed };

const hand: Hand = {
  model: (value) => ({ given: value.model, label: modelLabels(value).model }),
  split: ({ split }) => ({ given: split }),
  attributions: (attributions) => ({ given: attributions, label: attributions.label }),
  explainer: ({ explainer, label }) => ({ given: explainer, label }),
  concepts: (banks) => ({ given: banks, label: banks[0]?.label }),
};

/** What is connected, as metrics get it, and the labels of it, both by input. */
async function read(inputs: InstanceInputs): Promise<{ readonly given: object; readonly labels: Label['of'] }> {
  const given: Record<string, unknown> = {};
  const labels: Record<string, Label> = {};
  for (const [name, { artifact, many = false }] of Object.entries<MetricInput>(metricInputs)) {
    if (!inputs.has(name)) continue;
    const values = many
      ? await Promise.all(inputs.entries(name, artifact).map((entry) => entry.load()))
      : [await inputs.load(name, artifact)];
    const handed = values.map((value) => hand[artifact](value as never)); // the value is of this kind
    given[name] = many ? handed.flatMap((one) => one.given) : handed[0]!.given;
    const label = handed.find((one) => one.label)?.label;
    if (label) labels[name] = label;
  }
  return { given, labels };
}
