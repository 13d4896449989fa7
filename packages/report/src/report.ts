import { uncomparedLabels } from '@espalier/analysis';
import { classFindings, definePlugin } from '@espalier/core';
import { reportOptions } from './options.ts';
import { paperSource } from './paper.ts';

/** Writes the tables of a run and a page that shows them. */
export const report = definePlugin({
  kind: 'reporter',
  name: 'report',
  cacheVersion: '10',
  usesSeed: false,
  source: {
    title: 'Espalier; published values from arXiv 2509.21387',
    url: paperSource.url,
    departures: [],
  },
  files: ['report.html', 'answer.md', 'claims.csv', 'results.parquet', 'results.csv', 'results.json'],
  options: reportOptions,
  check: ({ classes }, known) => classFindings(classes, ['classes'], known),
  notes({ sparsityAxis, seedAxis, armAxis }, { modelAxes = {} }) {
    const axes = { sparsity: sparsityAxis, seed: seedAxis, arm: armAxis };
    return Object.entries(modelAxes).flatMap(([axis, labels]) => uncomparedLabels(axis, labels, axes));
  },
  // What draws is only loaded to draw: planning a study needs no more than the options.
  create: (options) => ({ write: async (inputs) => (await import('./write-report.ts')).writeReport(inputs, options) }),
});
