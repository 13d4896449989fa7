import { count, decimal, levelKey, levelName, significant } from '@espalier/analysis';
import { Html, html } from '@espalier/html';
import type { ConceptPanel, ConceptView } from '../../gallery/concept-gallery.ts';
import { className, type PageData, severalVariants } from '../page-data.ts';
import { choice } from '../parts/choice.ts';
import { absent, section } from '../parts/section.ts';

/** The most important concepts of every class and level: importance, strongest crops, where they are, and their parts. */
export function conceptsSection(data: PageData): Html {
  const panels = data.concepts;
  if (panels.length === 0) return section('concepts', 'Concepts', absent('No concepts were connected to this report.'));
  const top = Math.max(...panels.flatMap(({ concepts }) => concepts.map(({ summary }) => reach(summary))), 1e-9);
  const content = html`<p>The most important concepts of each class. Importance is the mean over images of the class of what the extractor estimates; the whisker is one standard error over images. Concepts are numbered within one model: equal numbers in two models are not the same concept.</p>
${controls(data)}
${classesOf(panels).map((label) => classGroup(data, label, top))}`;
  return section('concepts', 'Concepts', content);
}

function classesOf(panels: readonly ConceptPanel[]): number[] {
  return [...new Set(panels.map(({ bank }) => bank.classIndex))].sort((a, b) => a - b);
}

function controls(data: PageData): Html {
  const classes = classesOf(data.concepts).map((label) => ({ value: String(label), label: className(data, label) }));
  const levels = [...new Map(data.concepts.map((panel) => [placeOf(panel), titleOf(data, panel)]))];
  const shown = levels.map(([value, label]) => ({ value, label }));
  return html`<form class="controls" hidden>
${choice('concept-class', 'Class', classes)}
${shown.length > 1 && choice('concept-level', 'Sparsity', [...shown, { value: '*', label: 'all, side by side' }])}
</form>`;
}

/** What sets the panels of one class apart: the model, or the instance where no model is known. */
function placeOf({ model, instance }: ConceptPanel): string {
  return model ? `${model.variant} ${levelKey(model)}` : instance;
}

function titleOf(data: PageData, { model, instance }: ConceptPanel): string {
  if (!model) return instance;
  return severalVariants(data.concepts) ? `${levelName(model)}, ${model.variant}` : levelName(model);
}

function classGroup(data: PageData, label: number, top: number): Html {
  const panels = data.concepts.filter(({ bank }) => bank.classIndex === label);
  const name = className(data, label);
  return html`<section class="concept-class" data-concept-class="${label}" aria-label="Concepts of ${name}">
<h3>${name}</h3>
<div class="concept-levels" role="group" aria-label="${name} by sparsity">${panels.map((panel) => levelPanel(data, panel, top))}</div></section>`;
}

function levelPanel(data: PageData, panel: ConceptPanel, top: number): Html {
  const { bank } = panel;
  const { factorisation } = bank;
  const name = `${className(data, bank.classIndex)}, ${titleOf(data, panel)}`;
  return html`<article class="concept-level" data-concept-level="${placeOf(panel)}" aria-label="${name}">
<header><h4>${titleOf(data, panel)}</h4>
<p>${panel.concepts.length} of ${count(bank.concepts.length, 'concept')} at <code>${bank.layer}</code>, ${imagesText(bank)}${bank.reconstructionError !== null && `; relative reconstruction error ${decimal(bank.reconstructionError)}`}; ${factorisation.stop === 'converged' ? 'converged' : 'stopped at the limit'} after ${count(factorisation.iterations, 'iteration')}; importance <code class="preset">${bank.preset}</code>.${panel.isSigned && ' Directions are signed: a concept may lower features, too.'}${panel.hasSignedCodes && ' Codes are signed: pictures show where a concept lies along its direction, not against it.'}${panel.placeless && ' The layer has one place per image, so there are no maps of where a concept is.'}${panel.missing > 0 && ` ${count(panel.missing, 'picture')} left out: not among the images connected to this report.`}</p></header>
<ol class="concepts">${panel.concepts.map((concept) => conceptItem(concept, name, top))}</ol></article>`;
}

function imagesText({ images, scored }: ConceptPanel['bank']): string {
  const learned = `from ${count(images, 'image')}`;
  return scored.areOthers ? `learned ${learned}, measured on and shown in ${scored.count} others` : learned;
}

function conceptItem(view: ConceptView, of: string, top: number): Html {
  const { summary } = view;
  return html`<li class="concept"><div class="concept-head"><h5>${summary.name ?? `Concept ${summary.concept}`}</h5>${importanceBar(view, top)}</div>
${pictures(view, `${calledOf(summary)} of ${of}`)}
${
  view.children.length > 0 &&
  html`<details class="parts"><summary>Its parts at <code>${view.childLayer}</code></summary><ol class="concepts">${view.children.map((child) => conceptItem(child, `part of ${calledOf(summary)}, ${of}`, top))}</ol></details>`
}</li>`;
}

function calledOf({ concept, name }: ConceptView['summary']): string {
  return name ?? `concept ${concept}`;
}

function pictures(view: ConceptView, of: string): Html {
  const crops = view.crops
    ? html`<img class="crops" src="${view.crops}" alt="The ${count(view.cropIds.length, 'strongest crop')} for ${of}, strongest first" title="${view.cropIds.join('\n')}" decoding="async">`
    : html`<p class="none">no crops to show</p>`;
  const maps =
    view.maps &&
    html`<img class="maps" src="${view.maps}" alt="Where ${of} is strong in ${count(view.mapIds.length, 'image')}" title="${view.mapIds.join('\n')}" decoding="async">`;
  return html`<div class="pictures">${crops}${maps}</div>`;
}

/** A bar with a whisker of one standard error, all on one scale, and the same in words. */
function importanceBar({ summary }: ConceptView, top: number): Html {
  if (summary.n === 0) return html`<div class="importance"><span class="sub">importance not measured</span></div>`;
  const { importance, standardError, designError } = summary;
  const width = 160;
  const x = (value: number) => ((Math.max(0, value) / top) * width).toFixed(1);
  const error = standardError ?? 0;
  const middle =
    error > 0
      ? `<path d="M${x(importance - error)} 8H${x(importance + error)}M${x(importance - error)} 4v8M${x(importance + error)} 4v8"/>`
      : '';
  const bar = new Html(
    `<svg class="bar" viewBox="0 0 ${width} 16" aria-hidden="true"><rect class="track" width="${width}" height="6" y="5" rx="1"/>` +
      `<rect class="fill" width="${x(importance)}" height="6" y="5" rx="1"/>${middle}</svg>`,
  );
  return html`<div class="importance">${bar}<span><b>${decimal(importance)}</b>${standardError !== null && ` \u00b1 ${decimal(standardError)}`}</span><span class="sub">${designError === null ? 'no design error stated' : `design error ${significant(designError, 2)}`}, <i>n</i> ${summary.n}</span></div>`;
}

function reach({ importance, standardError }: ConceptView['summary']): number {
  return importance + (standardError ?? 0);
}
