import { report } from './report.ts';

export { type ReportOptions, reportOptions } from './options.ts';
export { type PublishedValues, publishedValues } from './published/published-values.ts';
export { readPublished } from './published/read-published.ts';
export { report } from './report.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [report] as const;
