import { levelKey, levelName, percent } from '@espalier/analysis';
import { type Html, html } from '@espalier/html';
import { group } from 'd3-array';
import type { BrowsedImage } from '../../browser/browse-attributions.ts';
import { pictureFolder } from '../../browser/browse-attributions.ts';
import { colourLimitQuantile } from '../../browser/map-rows.ts';
import type { ShownModel } from '../../browser/shown-models.ts';
import { className, type PageData } from '../page-data.ts';
import { choice, choiceList } from '../parts/choice.ts';
import { diagnosticsTable } from '../parts/diagnostics-table.ts';
import { imageMaps } from '../parts/image-maps.ts';
import { paintLegend } from '../parts/legend.ts';
import { absent, section } from '../parts/section.ts';

/**
 * The image browser: class by class, each image with the maps of every model side by side and their differences to dense. Without the
 * script, classes unfold and all of it stands there.
 */
export function attributionsSection(data: PageData): Html {
  const { images, models, coarse } = data.browser;
  if (images.length === 0) {
    const nothing = data.hasMaps
      ? 'No image is shown: the report was asked for none by its options galleryImages and classes.'
      : 'No attributions were connected to this report, so there are no maps to show.';
    return section('attributions', 'Attributions', absent(nothing));
  }
  const seed = models[0]!.model?.seed ?? null;
  const classes = [...group(images, ({ label }) => label)];
  const content = html`<p>${countText(data)} ${seed === null ? '' : `Models of seed ${seed}.`} All maps of one image by one explainer share a scale, and so do their differences to dense: colours end where ${percent(1 - colourLimitQuantile, 0)} of their pixels lie beyond, at the number beside each row.</p>
<div class="scales">${paintLegend('signed')}${paintLegend('magnitude')}${paintLegend('difference')}</div>
${diagnosticsTable(data)}
${controls(data, classes)}
<p class="warning lost" role="status" hidden>Pictures are missing. They lie in the folder <code>${pictureFolder}</code>, which belongs beside this page: copy it along.</p>
${classes.map(([label, own], i) => classPart(data, label, own, i === 0))}`;
  return section('attributions', 'Attributions', content, coarse && html` class="coarse"`);
}

function countText({ browser: { images }, explained }: PageData): string {
  if (images.length === explained) return `All ${explained} explained images.`;
  return `${images.length} of ${explained} explained images, taken class by class in the order of the split, not by how they look; the report’s options galleryImages and classes show others (galleryImages: null, all).`;
}

function classPart(data: PageData, label: number, images: readonly BrowsedImage[], isFirst: boolean): Html {
  return html`<details class="of-class" data-image-class="${label}"${isFirst && html` open`}><summary>${className(data, label)}, ${images.length} ${images.length === 1 ? 'image' : 'images'}</summary>
${images.map((image) => imageMaps(data, image))}</details>`;
}

type Classes = readonly (readonly [number, readonly BrowsedImage[]])[];

function controls(data: PageData, classes: Classes): Html {
  const { models, explainers } = data.browser;
  const arms = [...new Set(models.flatMap(({ arm }) => arm ?? []))];
  // The last name of a level stands: that of the treatment, which comes before its controls.
  const levels = new Map(
    models
      .filter(isPruned)
      .toReversed()
      .map(({ model }) => [levelKey(model), levelName(model)]),
  );
  const named = (entries: Iterable<readonly [string, string]>) =>
    [...entries].map(([value, label]) => ({ value, label }));
  const all = { value: '*', label: 'all' };
  const ofClasses = classes.map(([label]): [string, string] => [String(label), className(data, label)]);
  const thumbnails = classes.flatMap(([label, images]) => images.map((image) => thumbnail(data, label, image)));
  const names = explainers.map(({ explainer }, i): [string, string] => [
    String(i),
    data.explainers.get(explainer) ?? explainer,
  ]);
  return html`<form class="controls browser" hidden>
<div class="control-row">${classes.length > 1 && choiceList('image-class', 'Class', named(ofClasses))}<span class="steps"><button type="button" data-step="-1">\u2190 Previous image</button> <button type="button" data-step="1">Next image \u2192</button> <output class="of"></output></span></div>
${choice('sample', 'Image', [...thumbnails, all])}
<div class="control-row">
${arms.length > 1 && choiceList('arm', 'Models', [...named(arms.map((arm) => [arm, arm])), all])}
${levels.size > 1 && choiceList('level', 'Sparsity', [all, ...named([...levels].toReversed())])}
${names.length > 1 && choiceList('explainer', 'Explainer', [all, ...named(names)])}
${choiceList(
  'sign',
  'Map',
  named([
    ['magnitude', 'absolute'],
    ['signed', 'signed'],
    ['*', 'both'],
  ]),
)}
${
  models.some(isPruned) &&
  choiceList(
    'part',
    'Rows',
    named([
      ['*', 'all'],
      ['map', 'maps'],
      ['difference', 'differences'],
    ]),
  )
}
${choiceList(
  'view',
  'Show',
  named([
    ['map', 'map'],
    ['overlay', 'over the image'],
  ]),
)}
</div></form>`;
}

function isPruned(shown: ShownModel): shown is ShownModel & { readonly model: NonNullable<ShownModel['model']> } {
  return shown.model !== null && shown.dense !== null;
}

function thumbnail(data: PageData, label: number, { index, id, file }: BrowsedImage) {
  // Controls are not asked: one that was pruned at random is wrong about most images.
  const asked = data.browser.models.filter(({ arm }) => arm === null || arm === data.treatment);
  const answers = new Set(asked.flatMap(({ model }) => (model && data.lookup.answerOf(model, id)?.isCorrect) ?? []));
  const mixed = answers.size > 1;
  const words = `${className(data, label)}, ${id}${mixed ? ', answered rightly by some models only' : ''}`;
  return {
    value: String(index),
    mark: html` data-image-class="${label}" title="${words}"`,
    label: html`<img class="thumb" src="${file}" alt="${words}" loading="lazy" decoding="async">${mixed && html`<span class="mixed" aria-hidden="true">\u2260</span>`}`,
  };
}
