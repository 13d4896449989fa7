import { type Command, InvalidArgumentError } from 'commander';

/** What `espalier init` is told. */
export interface InitFlags {
  /** Folder of images, relative to the current one; `planted` draws some. */
  readonly images?: string;
  readonly onnx?: string;
  /** An architecture by name. */
  readonly network?: string;
  readonly weights?: string;
  readonly size?: number;
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  readonly train?: number;
  readonly levels?: readonly number[];
  readonly arms?: readonly string[];
  readonly explainers?: readonly string[];
  readonly evalPerClass?: number;
  /** Whether networks are measured for an estimate of time. */
  readonly time?: boolean;
}

/** Adds the file and the options of {@link InitFlags}. */
export function withInitOptions(command: Command): Command {
  return command
    .argument('[study]', 'the study file to write', 'study.json')
    .option('--images <folder>', 'a folder with one folder per class, or with train and val; "planted" draws images')
    .option('--onnx <file>', 'a trained network as an ONNX file')
    .option('--network <name>', 'a network by name: resnet18, vgg16-bn, mobilenet-v2, and others')
    .option('--weights <file>', 'a safetensors file that the network by name starts from')
    .option('--size <pixels>', 'height and width of images', wholeNumber)
    .option('--mean <r,g,b>', 'what the network was trained to have subtracted (default: of ImageNet)', numbers)
    .option('--std <r,g,b>', 'what the network was trained to have divided by (default: of ImageNet)', numbers)
    .option('--train <epochs>', 'train the network first (default: 30 for a network without weights)', wholeNumber)
    .option('--levels <fractions>', 'of weights to remove, rising (default: 0.3,0.5,0.7)', numbers)
    .option('--arms <names>', 'what is done at every level: magnitude, random, trained-on (default: all)', texts)
    .option('--explainers <names>', 'vg, ig (default: both)', texts)
    .option('--eval-per-class <count>', 'images of each class to explain (default: all that evaluate)', wholeNumber)
    .option('--no-time', 'do not estimate how long it takes');
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number from 1, in digits.');
}

function numbers(text: string): readonly number[] {
  const found = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (found.every(Number.isFinite)) return found;
  throw new InvalidArgumentError('Write numbers with commas between them, for example 0.3,0.5.');
}

function texts(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim());
}
