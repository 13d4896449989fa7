import * as z from 'zod';

/** Far beyond what any normalisation of images in [0, 1] has. */
const most = 1000;

const perChannel = (what: string, example: string) => {
  const each = z.number().min(-most).max(most);
  return z
    .tuple([each, each, each], {
      error: ({ input }) =>
        input === undefined
          ? `expected the ${what} of red, green and blue that the network was trained with: an ONNX file does not say it. Networks trained on ImageNet mostly have ${example}`
          : undefined,
    })
    .describe(
      `${what} of red, green and blue, of images in [0, 1], that the network was trained with; ImageNet's is ${example}`,
    );
};

/** What a study may say of a network in an ONNX file. */
export const onnxOptions = z.strictObject({
  file: z.string().min(1).describe('the ONNX file, relative to the study'),
  mean: perChannel('mean', '[0.485, 0.456, 0.406]'),
  std: perChannel('std', '[0.229, 0.224, 0.225]').refine(
    (std) => std.every((value) => value > 0),
    'expected numbers above 0',
  ),
  size: z
    .tuple([z.int().min(1).max(4096), z.int().min(1).max(4096)])
    .nullable()
    .default(null)
    .describe(
      'height and width of the images in pixels, where the file leaves them open; null takes those of the data',
    ),
  classes: z
    .union([z.array(z.string().min(1)).min(2), z.string().min(1)])
    .nullable()
    .default(null)
    .describe(
      "names of the network's classes, in its order, or a file of them, one a line: checked against those of the data; null takes the data's as they are",
    ),
  head: z
    .enum(['weights', 'new'])
    .default('weights')
    .describe(
      'where the last dense layer is from: `weights`, the file, which must tell the same number of classes apart as the data; `new`, random for the classes of the data',
    ),
  output: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('the output that tells the classes apart, where the file has several; null takes the only one'),
  folded: z
    .boolean()
    .nullable()
    .default(null)
    .describe(
      'whether BatchNorm was folded into the kernels: magnitudes are then of folded kernels, and training has no BatchNorm; null: no, as the file shows. True must be said, and so must be what a file does not show',
    ),
});

export type OnnxOptions = z.output<typeof onnxOptions>;
