import { report } from './report.ts';

export { type ReportOptions, reportOptions } from './options.ts';
export { areaOver, type PaperLevel, paperLevels, paperRemoved, paperSource } from './paper.ts';
export { report } from './report.ts';

export const plugins = [report] as const;
