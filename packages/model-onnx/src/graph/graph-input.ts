import { TensorProto_DataType, type TensorShapeProto_Dimension, type ValueInfoProto } from 'onnx-buf';
import { typeOf } from '../constants/tensor.ts';
import { quoted, unsupported } from '../decode/model-error.ts';

/** The images that a graph takes. */
export interface GraphInput {
  readonly name: string;
  /** Pixels; null where the file leaves them open. */
  readonly height: number | null;
  readonly width: number | null;
}

const expected = 'one input of images [n, 3, height, width] is supported, with n open or 1';

/** @throws StudyError `model-onnx/unsupported` for anything but one batch of RGB images, channels first */
export function graphInput(inputs: readonly ValueInfoProto[], file: string): GraphInput {
  const [input] = inputs;
  if (!input || inputs.length !== 1)
    throw unsupported(
      file,
      `its output depends on ${inputs.length} inputs (${inputs
        .slice(0, 10)
        .map(({ name }) => quoted(name))
        .join(', ')}); ${expected}.`,
    );
  const type = input.type?.value;
  const dimensions = type?.case === 'tensorType' ? type.value.shape?.dim : undefined;
  if (type?.case !== 'tensorType' || !dimensions)
    throw unsupported(file, `its input ${quoted(input.name)} has no shape; ${expected}.`);
  const lengths = dimensions.map(lengthOf);
  const shown = `[${dimensions.map(shownLength).join(', ')}]`;
  if (typeOf(type.value.elemType) !== 'float')
    throw unsupported(
      file,
      `its input ${quoted(input.name)} is of the type ${TensorProto_DataType[type.value.elemType] ?? type.value.elemType}; floating-point numbers are supported.`,
    );
  const [batch, channels, height, width] = lengths as [number | null, number | null, number | null, number | null];
  if (lengths.length !== 4 || lengths.some((length) => length !== null && length < 1))
    throw unsupported(file, `its input ${quoted(input.name)} has the shape ${shown}; ${expected}.`);
  if (channels !== 3)
    throw unsupported(
      file,
      `its input ${quoted(input.name)} has the shape ${shown}, which is not of three channels, red, green and blue, before height and width; ${expected}. Put a convolution or a transposition that takes such images in front, and export it with the network.`,
    );
  if (batch !== null && batch !== 1)
    throw unsupported(
      file,
      `its input ${quoted(input.name)} has the shape ${shown}: it computes ${batch} images at once. Export it with one image, or with an open batch axis.`,
    );
  return { name: input.name, height, width };
}

function lengthOf({ value }: TensorShapeProto_Dimension): number | null {
  return value.case === 'dimValue' ? Number(value.value) : null;
}

function shownLength({ value }: TensorShapeProto_Dimension): string {
  return value.case === undefined ? '?' : String(value.value).slice(0, 40);
}
