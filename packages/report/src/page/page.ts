import { count, leftOutText, levelsOf } from '@espalier/analysis';
import type { Split } from '@espalier/core';
import { visible } from '@espalier/files';
import { type Html, html, page } from '@espalier/html';
import type { PageData } from './page-data.ts';
import { tileStyles } from './parts/image-maps.ts';
import { browserScript } from './scripts/browser-script.ts';
import { pageScript } from './scripts/page-script.ts';
import { answerSection } from './sections/answer.ts';
import { attributionsSection } from './sections/attributions.ts';
import { checksSection } from './sections/checks.ts';
import { claimsSection } from './sections/claims.ts';
import { conceptsSection } from './sections/concepts.ts';
import { curvesSection } from './sections/curves.ts';
import { figuresSection } from './sections/figures.ts';
import { lineageSection } from './sections/lineage.ts';
import { numbersSection, sparsityWarning } from './sections/numbers.ts';
import { proofSection } from './sections/proof.ts';
import { provenanceSection } from './sections/provenance.ts';
import { publishedSection } from './sections/published.ts';
import { trainingSection } from './sections/training.ts';
import { styles } from './styles/styles.ts';

const contents = [
  ['answer', 'The answer'],
  ['published', 'What others claim'],
  ['figures', 'Over sparsity'],
  ['curves', 'Curves'],
  ['checks', 'Sanity checks'],
  ['attributions', 'Attributions'],
  ['concepts', 'Concepts'],
  ['matches', 'What becomes of them'],
  ['claims', 'Claims'],
  ['numbers', 'In numbers'],
  ['proof', 'Sparsity proof'],
  ['training', 'Training'],
  ['provenance', 'Provenance'],
] as const;

/** The whole report as one HTML file: the answer, then curves and pictures, then tables. */
export async function renderPage(data: PageData): Promise<string> {
  const { study } = data.provenance;
  const sheets = [styles(levelsOf(...data.models, ...data.levels).length), tileStyles(data)];
  const figures = await figuresSection(data);
  const curves = await curvesSection(data);
  const training = await trainingSection(data);
  const body = html`<a class="skip" href="#main">Skip to the results</a>
${masthead(data)}
<div class="frame">
<nav class="contents" aria-label="Contents"><ol>${contents.map(([id, title]) => isThere(id, data) && html`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>
<main id="main" tabindex="-1">
${leftOutNotice(data.images)}
${sparsityWarning(data)}
${answerSection(data)}
${publishedSection(data)}
${figures}
${curves}
${checksSection(data)}
${attributionsSection(data)}
${conceptsSection(data)}
${lineageSection(data)}
${claimsSection(data)}
${numbersSection(data)}
${proofSection(data)}
${training}
${provenanceSection(data)}
</main>
</div>
<footer><p>Written by Espalier. Means with intervals are in <code>results.csv</code>, the values of every sample in <code>results.parquet</code>, claims in <code>claims.csv</code> and <code>answer.md</code>, all summaries in <code>results.json</code>.</p></footer>
<dialog class="lens" aria-label="Enlarged maps"><div class="panes"></div><p class="caption"></p><p class="aside">Arrow keys move between models and maps; Escape closes.</p><button type="button">Close</button></dialog>`;
  return visible(
    page({
      title: `${study.name}: Espalier report`,
      sheets,
      script: pageScript + browserScript,
      body,
      showsFiles: true,
    }).text,
  );
}

/** Whether the page has the section: some are only of studies that ask for them. */
function isThere(id: string, { checked, judged }: PageData): boolean {
  return (id !== 'checks' || checked !== null) && (id !== 'published' || judged.length > 0);
}

function masthead(data: PageData): Html {
  const { study, seed, numerics } = data.provenance;
  const facts = [
    study.profile && `profile ${study.profile}`,
    count(data.models.length, 'model'),
    count(data.explained, 'explained image'),
    numerics && `${numerics.engine} ${numerics.version}, ${numerics.inference}`,
    `study seed ${seed}`,
  ];
  return html`<header class="masthead"><div><p class="kicker">Espalier report</p><h1>${study.name}</h1>
<ul class="meta">${facts.map((fact) => fact && html`<li>${fact}</li>`)}</ul></div>
<button type="button" class="theme" hidden>Theme</button></header>`;
}

/** The sentence where every reader sees it. */
function leftOutNotice(images: Split): Html | null {
  const text = leftOutText(images);
  return text === null ? null : html`<div class="warning" role="note"><p><strong>${text}</strong></p></div>`;
}
