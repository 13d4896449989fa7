import { checkDiagnostics, concatRows, explainerOver, labelled, type NdArray } from '@espalier/core';
import { emptyFindings } from './image-counts.ts';
import { modelLabels } from './model-label.ts';
import { defineKind, noOptions } from './node-kind.ts';

// Images per call: often enough for progress and Ctrl-C, large enough for the engine.
const imagesPerCall = 32;

/**
 * Explains the labelled class of every image, by another explainer where the plugin asks one and one is connected, and hands on the explainer
 * for metrics that ask it again.
 */
export const explainer = defineKind<'explainer', typeof noOptions>({
  inputs: (plugin) => ({
    model: { kind: 'model' },
    images: { kind: 'split' },
    ...(plugin?.asksExplainer && { explainer: { kind: 'explainer', optional: true } }),
  }),
  outputs: { attributions: 'attributions', explainer: 'explainer' },
  options: noOptions,
  arithmetic: 'inference',
  check: (_, { images, use }) => emptyFindings(images, 'images', use),
  async run(port, { use, label, madeBy, inputs, services }) {
    const value = await inputs.load('model', 'model');
    const { model } = value;
    const { split } = await inputs.load('images', 'split');
    const other = inputs.has('explainer') ? await inputs.load('explainer', 'explainer') : undefined;
    const asked = other ? explainerOver(port, other.explainer, use) : port;
    const of = other && { explainer: other.label };
    const values: NdArray<'n h w c'>[] = [];
    const diagnostics: Record<string, number[]> = Object.create(null);
    const total = split.ids.length;
    for (let start = 0; start < total; start += imagesPerCall) {
      services.signal.throwIfAborted();
      const indices = [...split.ids.keys()].slice(start, start + imagesPerCall);
      const labels = indices.map((index) => split.labels[index]!);
      const told = (done: number) => services.progress({ done: start + done, total, unit: 'images' });
      const ids = indices.map((index) => split.ids[index]!);
      const explained = await asked.explain(model, await split.images(indices), labels, told, ids);
      values.push(explained.values);
      for (const [name, numbers] of Object.entries(explained.diagnostics)) {
        diagnostics[name] = [...(diagnostics[name] ?? []), ...numbers];
      }
      told(indices.length);
    }
    checkDiagnostics(diagnostics, use, total, split.ids); // the same ones of every call
    const { reduction, unit } = asked;
    const { ids, labels } = split;
    const read = { reduction, ...(unit && { unit }) };
    const maps = { values: concatRows(values), ids, classIndex: labels, method: use, ...read, diagnostics };
    return {
      attributions: { kind: 'attributions', value: labelled(maps, label({ ...modelLabels(value), ...of })) },
      explainer: {
        kind: 'explainer',
        value: { explainer: asked, label: label(of), madeBy: { ...madeBy, ...(other && { over: other.madeBy }) } },
      },
    };
  },
});
