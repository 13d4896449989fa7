import {
  type Answer,
  type AspectAnswer,
  aspectTitle,
  type Gap,
  levelsOf,
  type Measure,
  type Sentence,
} from '@espalier/analysis';
import { type Html, html } from '@espalier/html';
import { group } from 'd3-array';
import type { PageData } from '../page-data.ts';
import { forestPlot } from '../parts/forest-plot.ts';
import { heatMap } from '../parts/heat-map.ts';
import { phraseHtml } from '../parts/phrase.ts';
import { absent, section } from '../parts/section.ts';

/** What pruning did, at which level, how sure: at most five sentences, a map of effects, and a plot of intervals for each aspect. */
export function answerSection(data: PageData): Html {
  const { answer, gaps, caveats } = data;
  const title = 'The answer';
  if (!answer) {
    const nothing = 'This run has no scores of a pruned and a dense model to compare, so there is nothing to claim.';
    const notes = caveats.map((text) => html`<p class="aside">${text}</p>`);
    return section('answer', title, [gaps.map(gapBlock), absent(nothing), notes]);
  }
  const content = html`${gaps.map(gapBlock)}
${answer.caution !== null && html`<div class="warning" role="note"><p><strong>${answer.caution}</strong> <a href="#disagreement">Which models</a></p></div>`}
<div class="first">
<div class="said">${answer.lead.map((phrases, i) => html`<p class="${i === 0 ? 'lead' : 'more'}">${phrases.map(phraseHtml)}</p>`)}
<p class="aside">${answer.scope[0]} ${data.version} <a href="#claims">Every claim with its numbers</a></p></div>
${pictures(answer, data)}
</div>
${caveats.map((text) => html`<div class="warning" role="note"><p>${text}</p></div>`)}
<details class="data"><summary>How verdicts are made</summary>${answer.scope.slice(1).map((text) => html`<p>${text}</p>`)}</details>
<details class="data"><summary>Measure by measure</summary>${answer.aspects.map(aspectBlock)}</details>`;
  return section('answer', title, content);
}

/** What is asked and is no companion, as a map and as intervals by aspect. */
function pictures(answer: Answer, data: PageData): Html | null {
  const shown = answer.measures.filter(({ main }) => main !== null && main.family !== 'companion');
  if (shown.length === 0) return null;
  const [first, rest] = [true, false].map((wanted) =>
    shown.filter(({ main }) => (main!.family === 'endpoints') === wanted),
  );
  const levels = levelsOf(...data.models, ...data.levels);
  const more =
    rest!.length > 0 &&
    html`<details class="data"><summary>Other measures and sanity checks</summary>${heatMap(answer, rest!)}${forests(answer, rest!, levels)}</details>`;
  return html`<div class="pictures-first">${first!.length > 0 && heatMap(answer, first!)}</div>
<div class="forests">${first!.length > 0 && forests(answer, first!, levels)}${forestNote()}</div>${more}`;
}

function forests(answer: Answer, measures: readonly Measure[], levels: ReturnType<typeof levelsOf>): Html[] {
  return [...group(measures, ({ aspect }) => aspect)].map(
    ([aspect, own]) =>
      html`<figure class="aspect"><h3>${aspectTitle(aspect)}</h3>${forestPlot(answer, own, levels)}</figure>`,
  );
}

function forestNote(): Html {
  return html`<p class="aside">Marks are differences with the intervals that verdicts go by; diamonds are trends, hollow marks inconclusive, bands margins of equivalence; grey is the same models against further controls and dense.</p>`;
}

function gapBlock({ headline, lines }: Gap): Html {
  return html`<div class="warning" role="note" aria-label="What is missing"><p><strong>${headline}</strong></p>
<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></div>`;
}

function aspectBlock({ aspect, sentences, companions }: AspectAnswer): Html {
  return html`<h3>${aspectTitle(aspect)}</h3>${list(sentences)}
${companions.length > 0 && html`<details class="data"><summary>Read beside them</summary>${list(companions)}</details>`}`;
}

function list(sentences: readonly Sentence[]): Html {
  const items = sentences.map(
    ({ phrases, measure }) => html`<li>${phrases.map(phraseHtml)} <code class="preset">${measure.preset}</code></li>`,
  );
  return html`<ul class="sentences">${items}</ul>`;
}
