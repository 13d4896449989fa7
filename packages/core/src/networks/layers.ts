import { distance } from 'fastest-levenshtein';
import { StudyError } from '../errors.ts';
import type { LayerInfo } from './model.ts';

/** What a layer is called, and what can be done with it. */
export type LayerOutline = Pick<LayerInfo, 'name' | 'isStage' | 'isComplete' | 'isMap' | 'isNonNegative' | 'grid'>;

/**
 * The layer of a model called `name`, or the last stage where `name` is null.
 *
 * @throws StudyError `core/layer-unknown`, naming the stages and the closest names
 */
export function layerNamed<Layer extends LayerOutline>(layers: readonly Layer[], name: string | null): Layer {
  const found = name === null ? layers.findLast(({ isStage }) => isStage) : layers.find((each) => each.name === name);
  if (found) return found;
  throw new StudyError('core/layer-unknown', `Expected a layer of the model, ${knownLayers(layers, name)}.`);
}

/**
 * A layer that the rest of the network is a function of alone.
 *
 * @throws StudyError `core/layer-unknown`; `core/layer-incomplete`, naming the stages
 */
export function completeLayerNamed<Layer extends LayerOutline>(layers: readonly Layer[], name: string | null): Layer {
  const layer = layerNamed(layers, name);
  if (layer.isComplete) return layer;
  throw new StudyError(
    'core/layer-incomplete',
    `The rest of the network reads more than the layer "${layer.name}", so nothing can be classified from it alone. ` +
      `Choose a layer at which all paths meet, ${stagesIn(layers)}.`,
  );
}

/**
 * A layer whose places matter to the rest of the network, which is a function of it alone; where `name` is null, the last such stage.
 *
 * @throws StudyError `core/layer-unknown`; `core/layer-incomplete`; `core/layer-unread` of tokens of which only the class token is read
 */
export function readLayerNamed<Layer extends LayerOutline>(layers: readonly Layer[], name: string | null): Layer {
  const layer = completeLayerNamed(name === null ? layers.filter(isRead) : layers, name);
  if (!isRead(layer)) throw unread(layer, layers.filter(isRead));
  return layer;
}

/**
 * A layer whose values lie at places of the image, which the rest of the network reads; where `name` is null, the last such stage.
 *
 * @param signs `non-negative` for formulas that are defined for layers without negative values alone
 * @throws StudyError `core/layer-unknown`; `core/layer-placeless`; `core/layer-unread`; `core/layer-signed`
 */
export function mapLayerNamed<Layer extends LayerOutline>(
  layers: readonly Layer[],
  name: string | null,
  signs: 'any' | 'non-negative' = 'any',
): Layer {
  const isSigned = ({ isNonNegative }: LayerOutline) => signs === 'non-negative' && isNonNegative === false;
  const maps = layers.filter((each) => each.isMap !== false && isRead(each));
  const layer = layerNamed(name === null && maps.some(({ isStage }) => isStage) ? maps : layers, name);
  const fitting = maps.filter((each) => !isSigned(each));
  const choice = `Choose another layer, ${stagesIn(fitting)}`;
  if (layer.isMap === false)
    throw new StudyError(
      'core/layer-placeless',
      `What is in the layer "${layer.name}" lies at no places of the image that are known (one place, attention heads, windows), so there is ` +
        `no map of it. ${choice}.`,
    );
  if (!isRead(layer)) throw unread(layer, fitting);
  if (!isSigned(layer)) return layer;
  throw new StudyError(
    'core/layer-signed',
    `Values of the layer "${layer.name}" may be negative, and the method is defined for layers whose values are not, such as after a ReLU. ` +
      `${choice}, or another method.`,
  );
}

function isRead({ grid }: LayerOutline): boolean {
  return grid?.isRead !== false;
}

function unread({ name }: LayerOutline, others: readonly LayerOutline[]): StudyError {
  return new StudyError(
    'core/layer-unread',
    `After the layer "${name}" the network reads nothing but the tokens that lie nowhere on the image (the class token), so what is ` +
      `in the others cannot matter to an answer. Choose an earlier layer, ${stagesIn(others)}.`,
  );
}

/** How the places of a layer lie on the image, row by row, and how many tokens before them have no place. */
export function placesOfLayer({ height, width, grid }: LayerInfo): {
  readonly height: number;
  readonly width: number;
  readonly leading: number;
} {
  return grid ?? { height, width, leading: 0 };
}

/** The stages, and what is spelt like `name`: networks have hundreds of layers. */
function knownLayers(layers: readonly LayerOutline[], name: string | null): string {
  if (name === null) return 'but the model has no stage to take by default; name one';
  const close = layers
    .filter(({ isStage }) => !isStage)
    .map((layer) => ({ name: layer.name, away: distance(layer.name, name) }))
    .filter(({ away }) => away <= Math.max(2, name.length / 3))
    .sort((a, b) => a.away - b.away)
    .slice(0, 3)
    .map((layer) => `"${layer.name}"`);
  const closest = close.length > 0 ? `; close names are ${close.join(', ')}` : '';
  return `${stagesIn(layers)}${closest}; found "${name}"`;
}

function stagesIn(layers: readonly LayerOutline[]): string {
  const stages = layers.filter(({ isStage }) => isStage).map(({ name }) => `"${name}"`);
  return stages.length > 0 ? `one of ${stages.join(', ')}` : 'one of those that the model lists';
}
