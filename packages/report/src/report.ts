import { detectableText, uncomparedLabels } from '@espalier/analysis';
import { classFindings, definePlugin } from '@espalier/core';
import { reportOptions } from './options.ts';
import { publishedDigest, publishedFindings, readPublished } from './published/read-published.ts';

/**
 * Writes the tables of a run and a page that shows them.
 * @example "report": { "use": "report/report", "in": { "models": …, "scores": …, "images": { "$from": "data.eval" } } }
 */
export const report = definePlugin({
  kind: 'reporter',
  name: 'report',
  cacheVersion: '21',
  usesSeed: false,
  source: {
    title: 'Espalier',
    url: 'https://github.com/espalier/espalier',
    departures: [],
  },
  files: ['report.html', 'report_files/', 'answer.md', 'claims.csv', 'results.parquet', 'results.csv', 'results.json'],
  options: reportOptions,
  check: ({ classes, published }, known) => [
    ...classFindings(classes, ['classes'], known),
    ...publishedFindings(published, known.folder),
  ],
  fingerprint: async ({ published }, { folder }) => publishedDigest(published, folder),
  notes({ sparsityAxis, seedAxis, drawAxis, explainerAxis, armAxis, treatment, endpoints }, known) {
    const { modelAxes = {}, scoreAxes = {}, scoredImages: images = [] } = known;
    const axes = { sparsity: sparsityAxis, seed: seedAxis, draw: drawAxis, arm: armAxis, treatment };
    const [seeds, explainers] = [modelAxes[seedAxis] ?? [], scoreAxes[explainerAxis] ?? []];
    return [
      ...Object.entries(modelAxes).flatMap(([axis, labels]) => uncomparedLabels(axis, labels, axes)),
      ...detectableText({ endpoints, images, seeds: Math.max(1, seeds.length), explainers: explainers.length }),
    ];
  },
  // What draws is only loaded to draw: planning a study needs no more than the options.
  create(options, { folder }) {
    const published = options.published.map((name) => readPublished(name, folder));
    return {
      write: async (inputs) => (await import('./write-report.ts')).writeReport(inputs, options, published),
    };
  },
});
