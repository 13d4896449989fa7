import { createHash } from 'node:crypto';
import { type Model, StudyError } from '@espalier/core';

/** Sees that stored maps answer one question only. */
export type OnlyAskedOnce = (model: Model, id: string, classIndex: number, pixels: Float32Array) => void;

/**
 * Stored maps are of one model, one class and one image for each id: the first that is asked about. What asks about another would be given maps
 * that have nothing to do with it, and take them for perfectly stable, or for blind to the network.
 *
 * @throws StudyError `explainer-files/asked-again`, from the function
 */
export function onlyAskedOnce(): OnlyAskedOnce {
  let first: Model | undefined;
  const asked = new Map<string, string>();
  return (model, id, classIndex, pixels) => {
    first ??= model;
    if (model !== first) throw again(id, 'another network');
    const image = createHash('sha256').update(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength));
    const question = `${classIndex} ${image.digest('hex')}`;
    const before = asked.get(id) ?? question;
    asked.set(id, before);
    if (before === question) return;
    throw again(id, before.split(' ')[0] === `${classIndex}` ? 'another image' : 'another class');
  };
}

function again(id: string, what: string): StudyError {
  return new StudyError(
    'explainer-files/asked-again',
    `Maps from files are of one network, class and image each; "${id}" was asked about for ${what}. ` +
      'Metrics that explain again, such as checks with random layers, need an explainer that runs.',
  );
}
