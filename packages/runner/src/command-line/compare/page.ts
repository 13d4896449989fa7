import { visible } from '@espalier/files';
import { foldedTable, Html, html, type Part, page, table } from '@espalier/html';
import { withoutSecrets } from '@espalier/secrets';
import type { ComparedRun } from '../../runs/compared-run.ts';
import type { SettingDifference } from '../../runs/settings.ts';
import type { Comparison } from './comparison.ts';
import { curvesSection } from './curves.ts';
import { styles } from './styles.ts';
import { verdictsSection } from './verdicts.ts';
import { areaNames, outcomeText, valueTexts } from './words.ts';

/** Two runs on one HTML page: what they are, settings and verdicts that differ, curves overlaid. It loads nothing and has no script. */
export function comparisonPage(comparison: Comparison): string {
  const { a, b } = comparison;
  const names = [...new Set([a, b].map(({ results }) => results.study.name))];
  const title = names.length === 1 ? `${names[0]}: two runs compared` : `${names.join(' and ')} compared`;
  const body = html`<main>
<header><p class="kicker">Espalier comparison</p><h1>${title}</h1>
<p class="lead">${outcomeText(comparison)}</p>
${sidesTable(a, b)}</header>
<section aria-labelledby="settings"><h2 id="settings">Settings that differ</h2>
${settingsSection(comparison.settings)}</section>
<section aria-labelledby="verdicts"><h2 id="verdicts">Verdicts that differ</h2>
${verdictsSection(comparison)}</section>
<section aria-labelledby="curves"><h2 id="curves">Curves</h2>
${curvesSection(comparison)}</section>
</main>`;
  return page({ title, sheets: [styles], body: new Html(visible(withoutSecrets(body.text))) }).text;
}

function sidesTable(a: ComparedRun, b: ComparedRun): Html {
  const rows = facts.flatMap(([name, of]): Part[][] => {
    const [own, other] = [of(a), of(b)];
    return own === '' && other === '' ? [] : [[name, factCell(own), factCell(other)]];
  });
  const head = ['', html`<span class="letter">A</span>`, html`<span class="letter b">B</span>`];
  return table({ caption: 'What is compared', head, rows, numbersFrom: 3 }, 'What is compared');
}

function factCell(text: string): Part {
  return text === '' ? html`<span class="absent">not on record</span>` : text;
}

const facts: readonly (readonly [string, (side: ComparedRun) => string])[] = [
  ['Run', ({ name }) => name],
  ['Study', ({ results: { study } }) => `${study.name} ${study.digest.slice(0, 12)}`],
  ['Profile', ({ results: { study } }) => study.profile ?? ''],
  ['Started', ({ run }) => run?.startedAt ?? ''],
  ['Command', ({ run }) => run?.command ?? ''],
  ['Results', ({ digest }) => digest.slice(0, 12)],
  ['Failed', ({ results: { missing } }) => (missing.length === 0 ? '' : `${missing.length} results are missing`)],
];

// The first are read; hundreds are looked up.
const [mostShown, mostRows] = [30, 1000];

function settingsSection(settings: readonly SettingDifference[]): Html {
  if (settings.length === 0) return html`<p class="absent">None, of what is on record of both.</p>`;
  const content = (some: readonly SettingDifference[]) => ({
    caption: 'Parameters and nodes as they were resolved: profile, command line and recipes put in',
    head: ['Setting', html`<span class="letter">A</span>`, html`<span class="letter b">B</span>`],
    rows: some.map(settingRow),
    numbersFrom: 3,
  });
  const rest = settings.slice(mostShown, mostRows);
  const left = settings.length - mostRows;
  return html`${table(content(settings.slice(0, mostShown)), 'Settings that differ')}
${rest.length > 0 && foldedTable(`${rest.length} more settings`, content(rest))}
${left > 0 && html`<p class="aside">And ${left} more: <code>espalier compare --json</code> has all.</p>`}`;
}

function settingRow({ area, name, a, b }: SettingDifference): Part[] {
  const cells = valueTexts(a, b, 300).map((text) => html`<code>${text}</code>`);
  return [html`<span class="sub">${areaNames[area]}</span><code>${name}</code>`, ...cells];
}
