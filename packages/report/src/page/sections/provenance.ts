import { sorted } from '@espalier/analysis';
import type { Numerics } from '@espalier/core';
import { type Html, html, link, type Part, table } from '@espalier/html';
import type { PageData } from '../page-data.ts';
import { digestCode } from '../parts/digest-code.ts';
import { absent, section } from '../parts/section.ts';

/** What was computed, with what, from what: enough to run it again. */
export function provenanceSection(data: PageData): Html {
  const { provenance } = data;
  const content = html`${facts(data)}
${methods(data)}
${models(data)}
<details class="data"><summary>Parameters</summary><pre tabindex="0" aria-label="Parameters as JSON"><code>${JSON.stringify(sorted(provenance.params), null, 2)}</code></pre></details>
${provenance.recipes.map(recipeText)}
<details class="data"><summary>The study file</summary><pre tabindex="0" aria-label="The study file"><code>${provenance.study.text}</code></pre></details>`;
  return section('provenance', 'Provenance', content);
}

function recipeText({ name, recipe, version, digest, text }: PageData['provenance']['recipes'][number]): Html {
  return html`<details class="data"><summary>The recipe <code>${recipe}</code>${version !== null && ` ${version}`}, included as <code>${name}</code></summary><p>${digestCode(digest)}</p><pre tabindex="0" aria-label="${`The recipe ${recipe}`}"><code>${text}</code></pre></details>`;
}

function facts({ provenance, images, explained }: PageData): Html {
  const { study } = provenance;
  const datasets = Object.entries(provenance.datasets).sort();
  const rows: (readonly [string, Part])[] = [
    ['Study', html`${study.name} ${digestCode(study.digest)}`],
    ['Profile', study.profile ?? 'none'],
    ['Study seed', String(provenance.seed)],
    ['Numerics', provenance.numerics ? numericsText(provenance.numerics) : 'nothing was computed on an engine'],
    [
      'Explained images',
      html`${explained} of “${images.name}”, ${images.height}\u2009×\u2009${images.width} pixels ${digestCode(images.digest)}`,
    ],
    [
      'Datasets',
      datasets.length === 0
        ? 'none'
        : datasets.map(([name, digest]) => html`<span class="line">${name} ${digestCode(digest)}</span>`),
    ],
  ];
  return html`<dl class="facts">${rows.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** The engine and arithmetic in words. */
export function numericsText({ engine, version, inference, training }: Numerics): string {
  return `${engine} ${version}; inference ${inference}, training ${training}`;
}

function methods({ provenance }: PageData): Html {
  const rows = provenance.plugins.flatMap((plugin) =>
    plugin.types.map((type) => [
      html`<code>${type.type.includes('/') ? type.type : `${plugin.alias}/${type.type}`}</code>`,
      html`<code>${plugin.package}</code> ${plugin.version}`,
      type.cacheVersion,
      html`${link(type.url, type.source)}${(type.departures ?? []).map((departure) => html`<span class="sub">departs: ${departure}</span>`)}`,
    ]),
  );
  if (rows.length === 0) return absent('No plugins are on record.');
  const head = ['Method', 'Package', 'Cache version', 'Source'];
  return table(
    { caption: 'Plugins of this study and where their methods come from', head, rows, numbersFrom: 4, long: true },
    'Plugins',
  );
}

function models({ models: records }: PageData): Html | null {
  if (records.length === 0) return null;
  const rows = records.map(({ origin, summary }) => [
    html`<code>${origin.instance}</code>`,
    html`<code>${origin.use}</code>`,
    summary.architecture,
    numericsText(summary.numerics),
    digestCode(summary.networkDigest),
  ]);
  const head = ['Model', 'Made by', 'Architecture', 'Numerics', 'Network digest'];
  return html`<details class="data"><summary>Models</summary>${table({ caption: 'Every model of the run', head, rows, numbersFrom: 5 }, 'Models')}</details>`;
}
