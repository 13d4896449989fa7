import { statSync } from 'node:fs';
import {
  attributionUnits,
  definePlugin,
  type Explainer,
  expectFinite,
  expectShape,
  ndArray,
  type OptionFinding,
  reductionOption,
  type Services,
  StudyError,
} from '@espalier/core';
import { fileError } from '@espalier/files';
import * as z from 'zod';
import { laidOut, layouts } from './laid-out.ts';
import { onlyAskedOnce } from './only-asked-once.ts';
import { mapFiles, mapsDigest, pathOf, storedMaps } from './stored-maps.ts';

const options = z
  .strictObject({
    folder: z
      .string()
      .min(1)
      .optional()
      .describe('folder of `.npy` files, one for each image, called `<sample id>.npy`; from the folder of the study'),
    file: z
      .string()
      .min(1)
      .optional()
      .describe('one `.npz` or `.safetensors` file with a map for each image, by its sample id'),
    within: z
      .array(
        z.union([
          z.string().regex(/^(?!\.\.?$)[^/\\\0]+$/, 'expected the name of a folder'),
          z.number().min(-1e9).max(1e9),
        ]),
      )
      .max(16)
      .default([])
      .describe(
        'folders below `folder`, or between the folder of `file` and its name, from the outside in: the labels of axes, as `{ "$axis": "sparsity" }`',
      ),
    layout: z.enum(layouts).describe('order of the axes of every map: height, width, channels'),
    unit: z
      .enum(attributionUnits)
      .optional()
      .describe('what values are numbers of: shares of the logit, or its slope by pixel value or normalised value'),
    reduction: reductionOption('sum'),
  })
  .refine(({ folder, file }) => (folder === undefined) !== (file === undefined), 'expected either `folder` or `file`')
  .refine(({ layout, unit }) => layout !== 'h w' || unit === undefined || unit === 'logit', {
    path: ['unit'],
    error: 'a slope is one of every channel; maps of one value per pixel have none',
  });

type Options = z.output<typeof options>;

/**
 * Attribution maps that were made elsewhere, from files, so that all metrics of maps measure them, too.
 * @example "maps": { "use": "maps/from-files", "with": { "folder": "maps", "within": [{ "$axis": "sparsity" }], "layout": "h w" }, "in": { "model": …, "images": { "$from": "data.eval" } } }
 */
export const fromFiles = definePlugin({
  kind: 'explainer',
  name: 'from-files',
  title: 'Maps from files',
  cacheVersion: '1',
  usesSeed: false,
  source: {
    title: 'NumPy: Format of .npy files',
    url: 'https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html',
    departures: [
      'nobody can tell whether the maps are of the model and the class that they stand for: the study says it',
    ],
  },
  options,
  unlabelled: {
    folder: 'where the maps lie; they are told by their content',
    file: 'where the maps lie; they are told by their content',
    within: 'where the maps lie; they are told by their content',
    layout: 'how the files are written',
  },
  check: findings,
  fingerprint: (asked, { folder }) => mapsDigest(asked, folder),
  create: explainerFrom,
});

/** Whether something is there, without opening it. */
function findings(asked: Options, { folder }: { readonly folder: string }): readonly OptionFinding[] {
  const name = asked.folder === undefined ? 'file' : 'folder';
  const path = pathOf(asked, folder);
  try {
    if (name === 'folder') mapFiles(path);
    else statSync(path);
    return [];
  } catch (cause) {
    return [{ path: [name], text: fileError(cause, path, { what: 'attribution maps' }).message }];
  }
}

async function explainerFrom(asked: Options, { folder, signal }: Services): Promise<Explainer> {
  const { layout, reduction, unit } = asked;
  const maps = await storedMaps(asked, folder);
  const expectFirst = onlyAskedOnce();
  return {
    reduction,
    unit,
    async explain(model, images, classIndex, told = () => {}, ids = []) {
      const { height, width, channels } = model.input;
      expectShape(images, [ids.length, height, width, channels], 'images whose maps are in files, one sample id each');
      const values = ndArray('n h w c', images.shape);
      const size = height * width * channels;
      for (const [i, id] of ids.entries()) {
        signal.throwIfAborted();
        expectFirst(model, id, classIndex[i]!, images.data.subarray(i * size, (i + 1) * size));
        const found = await maps.read(id);
        if (!found) throw missing(id, maps.path, asked);
        expectFinite(found.map.data, found.name);
        values.data.set(laidOut(found.map, layout, model.input, found.name), i * size);
        told(i + 1);
      }
      return { values, diagnostics: {} };
    },
  };
}

function missing(id: string, path: string, { folder }: Options): StudyError {
  const where = folder === undefined ? `an array called "${id}" in ${path}` : `a file "${id}.npy" in ${path}`;
  return new StudyError(
    'explainer-files/map-missing',
    `Expected the map of the image "${id}": ${where}; found none. Make maps of all images that are explained, and call each by its sample id.`,
  );
}
