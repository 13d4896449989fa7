import { type AspectAnswer, aspectTitle, type Gap, type Phrase, type Sentence } from '@espalier/analysis';
import { type Html, html } from '@espalier/html';
import type { PageData } from '../page-data.ts';
import { absent, section } from '../parts/section.ts';

/** What changed with pruning, at which level, how sure, and what did not: a line or two for every aspect. */
export function answerSection({ answer, gaps, caveats }: PageData): Html {
  const title = 'The answer';
  if (!answer) {
    const nothing = 'This run has no scores of a pruned and a dense model to compare, so there is nothing to claim.';
    const notes = caveats.map((text) => html`<p class="aside">${text}</p>`);
    return section('answer', title, [gaps.map(gapBlock), absent(nothing), notes]);
  }
  const [about, ...how] = answer.scope;
  const content = html`${gaps.map(gapBlock)}
<p class="lead">${answer.summary}</p>
${answer.caution !== null && html`<div class="warning" role="note"><p><strong>${answer.caution}</strong> <a href="#numbers">Which models</a></p></div>`}
${caveats.map((text) => html`<div class="warning" role="note"><p>${text}</p></div>`)}
<p class="aside">${about} <a href="#claims">Every claim with its numbers</a></p>
<div class="answers">${answer.aspects.map(aspectBlock)}</div>
<details class="data"><summary>How these sentences are made</summary>${how.map((text) => html`<p>${text}</p>`)}</details>`;
  return section('answer', title, content);
}

function gapBlock({ headline, lines }: Gap): Html {
  return html`<div class="warning" role="note" aria-label="What is missing"><p><strong>${headline}</strong></p>
<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></div>`;
}

function aspectBlock({ aspect, lines, sentences, companions }: AspectAnswer): Html {
  const items = lines.map(({ outcome, phrases }) => html`<li class="${outcome}">${phrases.map(phraseHtml)}</li>`);
  return html`<div class="answer"><h3>${aspectTitle(aspect)}</h3>
<div><ul class="outcomes">${items}</ul>
${folded('Measure by measure', sentences)}${folded('Read beside them', companions)}</div></div>`;
}

function folded(summary: string, sentences: readonly Sentence[]): Html | null {
  if (sentences.length === 0) return null;
  const items = sentences.map(
    ({ phrases, preset }) => html`<li>${phrases.map(phraseHtml)} <code class="preset">${preset}</code></li>`,
  );
  return html`<details class="data"><summary>${summary}</summary><ul class="sentences">${items}</ul></details>`;
}

function phraseHtml(phrase: Phrase): Html {
  if ('strong' in phrase) return html`<strong>${phrase.strong}</strong>`;
  return 'claim' in phrase ? html`<a href="#${phrase.claim}">${phrase.text}</a>` : html`${phrase.text}`;
}
