import * as z from 'zod';

/** What a study may say of ImageNette. */
export const options = z.strictObject({
  size: z.int().min(32).max(1024).default(224).describe('height and width of evaluated images, in pixels'),
  folder: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'an ImageNette folder, `{train,val}/<wnid>/*.JPEG`, relative to the study; where it is given, nothing is downloaded',
    ),
  archive: z
    .enum(['160', '320', 'full'])
    .nullable()
    .default(null)
    .describe('official archive to download where no folder is given, by its shorter side in pixels'),
  tuneFraction: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .describe('fraction of the training images of every class kept for tuning'),
  splitSeed: z.int().min(0).default(0).describe('seed of the choice of tuning images'),
  resizeRatio: z.number().min(1).max(2).default(1).describe('shorter side before the centre crop, in units of `size`'),
  boxes: z
    .string()
    .min(1)
    .optional()
    .describe('CSV or JSON file of bounding boxes, `id,xmin,ymin,xmax,ymax`, relative to the study'),
  onDamaged: z
    .enum(['fail', 'skip'])
    .default('fail')
    .describe('damaged images: the study fails, or goes on without them; log, record and report name them'),
  memory: z.number().min(0).max(4096).default(2).describe('decoded images kept in memory, in GiB'),
});

/** The options of the plugin `imagenette`. */
export type Options = z.output<typeof options>;
