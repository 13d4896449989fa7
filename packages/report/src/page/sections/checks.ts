import { type Check, checkName, checkNumbers, percent, valueText } from '@espalier/analysis';
import { type Html, html, type Part, table } from '@espalier/html';
import { group } from 'd3-array';
import type { PageData } from '../page-data.ts';
import { phraseHtml } from '../parts/phrase.ts';
import { section } from '../parts/section.ts';

const title = 'Sanity checks';

type CheckedData = Pick<PageData, 'claims' | 'checked' | 'explainers'>;

/** Whether each explainer passes: checks, explainers and arms over levels, dense first. Null where no check has a bar. */
export function checksSection({ claims: { checks }, checked, explainers }: CheckedData): Html | null {
  if (checked === null) return null;
  const levels = [...new Set(checks.map(({ level }) => level))].sort((a, b) => a - b);
  const series = [...group(checks, (check) => JSON.stringify([checkName(check, explainers), check.preset])).values()];
  const content = html`<p>${checked.map(phraseHtml)}</p>
${table(
  {
    caption:
      'The mean over samples, draws and seeds, with its 95\u202f% interval over all checks at once. An explainer passes where the interval is on the better side of the bar, and fails where it is on the other.',
    head: ['Check', 'Bar', 'Models', ...levels.map((level) => (level === 0 ? 'Dense' : percent(level)))],
    numbersFrom: 3,
    rows: series.flatMap((own) => rowsOf(own, levels, checkName(own[0]!, explainers))),
  },
  title,
)}`;
  return section('checks', title, content);
}

/** A row for every arm, each with the dense models, which all arms share. */
function rowsOf(own: readonly Check[], levels: readonly number[], name: string): Part[][] {
  const arms = [...new Set(own.filter(({ level }) => level !== 0).map(({ arm }) => arm))];
  const anchored = new Set<string>();
  return (arms.length > 0 ? arms : [null]).map((arm, row) => {
    const cells = levels.map((level) =>
      own.find((check) => check.level === level && (level === 0 || check.arm === arm)),
    );
    const { preset, bar, direction } = own[0]!;
    const side = direction === 'lower-is-better' ? 'below' : 'above';
    return [
      row === 0
        ? html`${name} <code class="preset">${preset}</code>`
        : html`<span class="visually-hidden">${name}</span>`,
      `${side} ${valueText(own[0]!, bar)}`,
      arm === null ? 'all' : String(arm),
      ...cells.map((check) => cellOf(check, anchored)),
    ];
  });
}

const marks: Readonly<Record<Check['verdict'], string>> = {
  passes: '\u2713 passes',
  fails: '\u2717 fails',
  inconclusive: '? inconclusive',
};

function cellOf(check: Check | undefined, anchored: Set<string>): Part {
  if (!check) return html`<span class="none">not measured</span>`;
  const { id, verdict, why, interval } = check;
  const mark = verdict === 'fails' ? html`<strong>${marks[verdict]}</strong>` : marks[verdict];
  const isFirst = !anchored.has(id);
  anchored.add(id);
  const text = html`${mark}<span class="sub">${checkNumbers(check)}</span>${why !== null && interval === null && html`<span class="sub">${why}</span>`}`;
  return isFirst ? html`<span class="anchor" id="${id}">${text}</span>` : text;
}
