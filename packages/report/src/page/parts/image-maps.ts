import { type ImageAnswer, levelKey, levelName, percent, significant, valueText } from '@espalier/analysis';
import { channelReductionWords } from '@espalier/core';
import { type Html, html, type Part } from '@espalier/html';
import type { BrowsedExplainer, BrowsedImage, ImageMaps } from '../../browser/browse-attributions.ts';
import type { ShownModel } from '../../browser/shown-models.ts';
import { className, type PageData, severalVariants } from '../page-data.ts';

/** One image with its maps: models side by side, below each other explainers, readings and differences. */
export function imageMaps(data: PageData, image: BrowsedImage): Html {
  const { models, explainers } = data.browser;
  const name = className(data, image.label);
  const heads = models.map((shown) => html`<th scope="col"${marks(shown)}>${modelHead(data, shown, image)}</th>`);
  return html`<article class="sample" id="image-${image.index}" data-sample="${image.index}" aria-labelledby="image-${image.index}-title">
<header><h3 id="image-${image.index}-title">${name}</h3><p><code>${image.id}</code>, ${explainedText(data, image)}</p></header>
<div class="scroll" role="region" aria-label="Maps of ${name}, ${image.id}" tabindex="0">
<table class="tiles"><caption class="visually-hidden">Maps of ${image.id} by explainer and model</caption>
<thead><tr><th scope="col">Map</th><th scope="col">Image</th>${heads}</tr></thead>
${explainers.map((explainer, i) => explainerRows(data, image, explainer, i))}
<tbody>${measures(data, image, null)}</tbody></table></div></article>`;
}

/** What the controls choose a column by: those without a mark are always shown. */
function marks({ arm, model, dense }: ShownModel): Html {
  return html`${arm !== null && html` data-arm="${arm}"`}${model && dense !== null && html` data-level="${levelKey(model)}"`}`;
}

function explainedText(data: PageData, { maps }: BrowsedImage): string {
  const classes = new Set([...maps.values()].flatMap((one) => one.classes.filter((label) => label !== null)));
  return `explained class: ${[...classes].map((label) => className(data, label)).join(', ')}`;
}

function modelHead(data: PageData, shown: ShownModel, { id }: BrowsedImage): Html {
  const { model, instance, arm, dense } = shown;
  const several = severalVariants(data.browser.models);
  const answer = model && data.lookup.answerOf(model, id);
  const isShared = arm === null && dense === null;
  return html`${model ? levelName(model) : instance}${several && model && html`<span class="sub">${isShared ? 'dense' : model.variant}</span>`}${answer && verdict(data, answer)}`;
}

/** `\u2713 correct, 93 %`, or what the model takes the image for: `\u2717 parachute, 62 %`. */
function verdict(data: PageData, { isCorrect, classIndex, probability }: ImageAnswer): Html {
  const wrong =
    classIndex === null ? 'wrong' : html`<span class="visually-hidden">wrong: </span>${className(data, classIndex)}`;
  const sure = probability !== null && `, ${percent(probability, 0)}`;
  return isCorrect
    ? html`<span class="sub good">\u2713 correct${sure}</span>`
    : html`<span class="sub bad">\u2717 ${wrong}${sure}</span>`;
}

function explainerRows(data: PageData, image: BrowsedImage, about: BrowsedExplainer, place: number): Html | null {
  const maps = image.maps.get(about.explainer);
  if (!maps) return null;
  const name = data.explainers.get(about.explainer) ?? about.explainer;
  const rows = maps.rows.flatMap((row, i) => {
    if (maps.places[i]!.every((at) => at === null)) return [];
    const text =
      row.part === 'difference'
        ? 'minus dense'
        : row.sign === 'signed'
          ? 'signed, summed over channels'
          : channelReductionWords[about.reduction];
    const cells = data.browser.models.map(
      (shown, column) =>
        html`<td${marks(shown)}${shown.dense !== null && html` data-dense="${shown.dense + 2}"`}>${tile(data, { name, maps, row, place: maps.places[i]![column]!, shown, column })}</td>`,
    );
    const range = row.part === 'difference' || row.sign === 'signed' ? '\u00b1' : '0 to ';
    const head = html`${row.part === 'map' ? name : html`<span class="visually-hidden">${name}</span>`}<span class="sub">${text}</span><span class="sub">${range}${significant(row.limit, 2)}</span>`;
    const photo = html`<img class="photo${row.part === 'difference' && ' again'}" src="${image.file}" alt="Photograph of ${className(data, image.label)}" loading="lazy" decoding="async">`;
    return html`<tr data-sign="${row.sign}" data-part="${row.part}"><th scope="row" title="${about.preset}">${head}</th><td>${photo}</td>${cells}</tr>`;
  });
  return html`<tbody data-explainer="${place}">
${rows}
${measures(data, image, about.explainer)}</tbody>`;
}

interface TileOf {
  readonly name: string;
  readonly maps: ImageMaps;
  readonly row: ImageMaps['rows'][number];
  readonly place: number | null;
  readonly shown: ShownModel;
  readonly column: number;
}

function tile(data: PageData, { name, maps, row, place, shown, column }: TileOf): Part {
  const isDense = shown.dense === null;
  if (place === null) return row.part === 'difference' && isDense ? null : html`<span class="none">none</span>`;
  const level = shown.model ? levelName(shown.model) : shown.instance;
  const reading = row.sign === 'signed' ? 'signed' : 'absolute';
  const text = `${name}, ${reading}${row.part === 'difference' ? ' minus dense' : ''}, sparsity ${level}`;
  const colours = row.sign === 'magnitude' && row.part === 'map' ? 'magnitude' : 'signed';
  const at = `x${place % maps.across} y${Math.floor(place / maps.across)} n${maps.across}`;
  return html`<button type="button" class="tile ${colours} ${at}" aria-haspopup="dialog"><img src="${maps.file}" alt="${text}: ${className(data, maps.classes[column]!)}" loading="lazy" decoding="async"></button>`;
}

/** What the metrics say about exactly these maps; of no explainer, about the model's answer to the image. */
function measures(data: PageData, { id }: BrowsedImage, explainer: string | null): Html[] {
  return data.lookup.scoresOf(explainer).flatMap((score) => {
    const values = data.browser.models.map(({ model }) => model && data.lookup.valueOf(model, id, score));
    if (values.every((value) => value === null)) return [];
    const numbers = values.map(
      (value, i) =>
        html`<td${marks(data.browser.models[i]!)}>${value === null ? '\u2013' : valueText(score, value)}</td>`,
    );
    return [
      html`<tr class="measure"><th scope="row" title="${score.preset}">${score.words.name}</th><td></td>${numbers}</tr>`,
    ];
  });
}

/** CSS that shows one tile of a picture with all of them: which is said by classes, since the page allows no other styles. */
export function tileStyles({ browser }: Pick<PageData, 'browser'>): string {
  const across = Math.max(1, ...browser.images.flatMap(({ maps }) => [...maps.values()].map((one) => one.across)));
  const numbers = Array.from({ length: across + 1 }, (_, i) => `.x${i}{--x:${i}}.y${i}{--y:${i}}.n${i}{--n:${i}}`);
  const [height, width] = browser.size;
  return `.tile,.sample .photo{aspect-ratio:${width}/${height}}\n${numbers.join('')}`;
}
