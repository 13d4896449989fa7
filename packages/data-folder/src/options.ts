import * as z from 'zod';

const toOne = 'values are in [0, 1]: divide those of images in [0, 255] by 255';
const perClass = z.int().min(1).max(1_000_000).nullable().default(null);

/** What a study may say of a folder of images. */
export const options = z.strictObject({
  folder: z
    .string()
    .min(1)
    .describe(
      'folder of class folders, or of `train`, `val` and `test` with class folders in each; relative to the study',
    ),
  layout: z
    .enum(['auto', 'parts', 'classes'])
    .default('auto')
    .describe(
      'whether the folders in it are parts (`train`, `val`, `test`) or classes; `auto` tells by their names, and refuses what is both',
    ),
  evaluateOn: z
    .enum(['val', 'test'])
    .nullable()
    .default(null)
    .describe('of parts: the one that evaluates; null takes `test` where there is one, and `val` then selects models'),
  classes: z
    .array(z.string().min(1))
    .min(2)
    .max(100_000)
    .nullable()
    .default(null)
    .describe(
      'class folders to read, in the order of labels; null reads all, in the order of torchvision (code points)',
    ),
  size: z.int().min(16).max(1024).default(224).describe('height and width of evaluated images, in pixels'),
  resizeRatio: z
    .number()
    .min(1)
    .max(2)
    .default(1.143)
    .describe('shorter side before the centre crop, in units of `size`; 1.143 makes 256 of 224, as torchvision does'),
  mean: z
    .array(z.number().min(0).max(1, `must be at most 1: ${toOne}`))
    .length(3)
    .default([0.485, 0.456, 0.406])
    .describe('what the network subtracts from red, green and blue in [0, 1]; of ImageNet if it is not said'),
  std: z
    .array(z.number().gt(0).max(1, `must be at most 1: ${toOne}`))
    .length(3)
    .default([0.229, 0.224, 0.225])
    .describe('what the network divides them by'),
  valFraction: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.2)
    .describe('of one folder of classes: fraction of every class that evaluates, at least one image'),
  tuneFraction: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .describe(
      'fraction of every class (of parts: of its training images) that selects models, at least one image; not used where `val` selects',
    ),
  splitSeed: z.int().min(0).default(0).describe('seed of the split and of what the caps below take'),
  trainPerClass: perClass.describe('most training images of each class; null takes all'),
  tunePerClass: perClass.describe('most images of each class that select models; null takes all'),
  valPerClass: perClass.describe('most images of each class that evaluate; null takes all'),
  boxes: z
    .string()
    .min(1)
    .optional()
    .describe('CSV or JSON file of bounding boxes, `id,xmin,ymin,xmax,ymax`, relative to the study'),
  masks: z
    .string()
    .min(1)
    .optional()
    .describe(
      'folder of PNG, GIF or TIFF masks, named and placed as the images; what is not black is the object; relative to the study',
    ),
  orientation: z
    .enum(['ignore', 'apply'])
    .default('ignore')
    .describe('EXIF orientation: left alone, as Pillow and torchvision do, or applied'),
  background: z
    .string()
    .regex(/^#[0-9a-f]{6}$/, 'must be a colour such as #ffffff')
    .default('#000000')
    .describe('colour that transparency is laid on'),
  mostMegapixels: z
    .number()
    .gt(0)
    .max(1000)
    .default(100)
    .describe('most pixels of an image, in millions; larger ones count as damaged'),
  onDamaged: z
    .enum(['fail', 'skip'])
    .default('fail')
    .describe(
      'images that cannot be decoded: the study fails, or goes on without them; log, record and report name them',
    ),
  onDuplicate: z
    .enum(['fail', 'skip', 'warn'])
    .default('fail')
    .describe(
      'one content in two parts: the study fails, or leaves it out of the later part (train, tune, val), or only says so',
    ),
  onOther: z
    .enum(['skip', 'fail'])
    .default('skip')
    .describe('files that are no images, and images in no class: the log names them, or the study fails'),
  subfolders: z
    .enum(['fail', 'include', 'skip'])
    .default('fail')
    .describe(
      'folders in a class folder: the study fails, or their images are of the class, as of torchvision, or not read',
    ),
  links: z.enum(['follow', 'fail']).default('follow').describe('symbolic links: followed, or the study fails'),
  memory: z.number().min(0).max(4096).default(2).describe('decoded images kept in memory, in GiB'),
});

/** The options of the plugin `image-folder`. */
export type Options = z.output<typeof options>;
