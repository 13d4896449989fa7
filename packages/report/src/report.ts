import { definePlugin } from '@espalier/core';
import { reportOptions } from './options.ts';
import { paperSource } from './paper.ts';
import { writeReport } from './write-report.ts';

/** Writes the tables of a run and a page that shows them. */
export const report = definePlugin({
  kind: 'reporter',
  name: 'report',
  cacheVersion: '3',
  source: {
    title: 'Espalier; published values from arXiv 2509.21387',
    url: paperSource.url,
    departures: [],
  },
  files: ['report.html', 'answer.md', 'claims.csv', 'results.parquet', 'results.csv', 'results.json'],
  options: reportOptions,
  create: (options) => ({ write: (inputs) => writeReport(inputs, options) }),
});
