import { significant } from '@espalier/analysis';
import { foldedTable, type Html, html } from '@espalier/html';
import { max, median } from 'd3-array';
import type { PageData } from '../page-data.ts';

/** What explainers told of each image, in the words of their plugins; null where none has any. */
export function diagnosticsTable({ browser, explainers, provenance }: PageData): Html | null {
  const types = provenance.plugins.flatMap((plugin) => plugin.types);
  const rows = browser.explainers.flatMap(({ explainer, use, diagnostics }) => {
    const words = Object.entries(types.find(({ type }) => type === use)?.diagnostics ?? {});
    return words.flatMap(([name, text]) => {
      const sizes = diagnostics.get(name)?.map(Math.abs) ?? [];
      const told = html`<code>${name}</code>, ${text}`;
      const numbers = [significant(median(sizes) ?? 0), significant(max(sizes) ?? 0), String(sizes.length)];
      return sizes.length > 0 ? [[explainers.get(explainer) ?? explainer, told, ...numbers]] : [];
    });
  });
  if (rows.length === 0) return null;
  return foldedTable('How exact the maps are', {
    caption: 'What explainers tell of each map of the models that are shown',
    head: ['Explainer', 'It tells', 'Median size', 'Largest size', 'Maps'],
    rows,
    numbersFrom: 2,
  });
}
