import type { InputPort } from '@espalier/study';
import { defineKind, noOptions } from './node-kind.ts';

const many = (kind: InputPort['kind']): InputPort => ({ kind, many: true, optional: true, mayMiss: true });

/** Gathers what a study produced and turns it into files. */
export const reporter = defineKind<'reporter', typeof noOptions>({
  inputs: () => ({
    scores: many('scores'),
    models: many('model'),
    attributions: many('attributions'),
    concepts: many('concepts'),
    images: { kind: 'split' },
  }),
  outputs: { files: 'files' },
  options: noOptions,
  arithmetic: 'none',
  gathersAll: true,
  reports: true,
  async run(port, { use, inputs, provenance, missing }) {
    if (!provenance) throw new Error(`${use} was run without saying for which study.`);
    const files = await port.write({
      provenance,
      missing,
      models: inputs.summaries('models'),
      scores: inputs.entries('scores', 'scores'),
      attributions: inputs.entries('attributions', 'attributions'),
      concepts: inputs.entries('concepts', 'concepts'),
      images: (await inputs.load('images', 'split')).split,
    });
    return { files: { kind: 'files', value: files } };
  },
});
