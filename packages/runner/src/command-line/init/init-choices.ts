import { statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { StudyError } from '@espalier/core';
import { fileError, isMissing, shownPath } from '@espalier/files';
import { suggestion } from '@espalier/study';
import type { InitFlags } from './init-flags.ts';

/** What the study will say. Paths are as the study writes them. */
export interface InitChoices {
  readonly images: { readonly folder: string } | 'planted';
  readonly network:
    | { readonly onnx: string; readonly mean: readonly number[]; readonly std: readonly number[] }
    | { readonly name: string; readonly weights: string | undefined };
  readonly size: number | undefined;
  readonly mean: readonly number[] | undefined;
  readonly std: readonly number[] | undefined;
  /** Epochs of training before pruning; 0 for none. */
  readonly train: number;
  readonly levels: readonly number[];
  readonly arms: readonly string[];
  readonly explainers: readonly string[];
  readonly evalPerClass: number | undefined;
}

/** Asks a person at a terminal. */
export type Ask = (question: string) => Promise<string>;

/** Networks by name, and the packages that have them. Their layers end in a relu, so that the recipe finds concepts in them. */
export const networks: Readonly<Record<string, string>> = {
  ...packaged('@espalier/model-resnet', 'resnet18', 'resnet34', 'resnet50', 'resnet101'),
  ...packaged('@espalier/model-vgg', 'vgg11', 'vgg11-bn', 'vgg16', 'vgg16-bn', 'vgg19', 'vgg19-bn'),
  ...packaged('@espalier/model-mobilenet', 'mobilenet-v2'),
};
const networkNames = Object.keys(networks);

function packaged(name: string, ...plugins: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(plugins.map((plugin) => [plugin, name]));
}

export const arms = ['magnitude', 'random', 'trained-on'];
export const explainers = ['vg', 'ig'];
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/**
 * What the flags say, and a person where they do not.
 *
 * @param studyPath of the study that will be written
 * @param ask undefined where nobody is there to be asked
 * @throws StudyError `runner/init-invalid`, with what to write instead
 */
export async function initChoices(flags: InitFlags, studyPath: string, ask: Ask | undefined): Promise<InitChoices> {
  const images = flags.images ?? (await asked(ask, imagesQuestion, imagesMissing));
  const network = await networkOf(flags, studyPath, ask);
  const isTrained = 'onnx' in network || network.weights !== undefined;
  const levels = flags.levels ?? [0.3, 0.5, 0.7];
  const rises = levels.every((level, index) => level > 0 && level < 1 && level > (levels[index - 1] ?? 0));
  if (!rises) throw invalid(`--levels must be fractions between 0 and 1 that rise; found ${levels.join(',')}.`);
  const { mean, std } = normalisation(flags);
  return {
    images: images === 'planted' ? 'planted' : { folder: existing(images, studyPath, 'directory', '--images') },
    network,
    ...{ size: flags.size, mean, std, levels },
    train: flags.train ?? (isTrained ? 0 : 30),
    arms: known(flags.arms ?? arms, arms, '--arms'),
    explainers: known(flags.explainers ?? explainers, explainers, '--explainers'),
    evalPerClass: flags.evalPerClass,
  };
}

const imagesQuestion = 'Where are the images? A folder with one folder per class, or "planted" to draw some: ';
const imagesMissing =
  'Say where the images are: --images <folder>, with one folder per class. --images planted draws some to try it with.';
const networkQuestion = `Which network? An ONNX file, or ${networkNames.join(', ')}: `;
const networkMissing = `Say which network: --onnx <file>, or --network with one of ${networkNames.join(', ')}.`;

async function networkOf(flags: InitFlags, studyPath: string, ask: Ask | undefined): Promise<InitChoices['network']> {
  if (flags.onnx !== undefined && (flags.network !== undefined || flags.weights !== undefined))
    throw invalid('--onnx brings a network with its weights; leave out --network and --weights.');
  if (flags.weights !== undefined && flags.network === undefined)
    throw invalid('--weights belongs to a network by name: add --network resnet18.');
  const answer = flags.onnx ?? flags.network ?? (await asked(ask, networkQuestion, networkMissing));
  const isFile = flags.onnx !== undefined || (flags.network === undefined && /\.onnx$/i.test(answer));
  if (isFile) {
    const onnx = existing(answer, studyPath, 'file', '--onnx');
    const { mean = imagenet.mean, std = imagenet.std } = normalisation(flags);
    return { onnx, mean, std };
  }
  const [name] = known([answer], networkNames, '--network');
  const weights = flags.weights === undefined ? undefined : existing(flags.weights, studyPath, 'file', '--weights');
  return { name: name!, weights };
}

function normalisation({ mean, std }: InitFlags): Pick<InitChoices, 'mean' | 'std'> {
  for (const [flag, values] of [
    ['--mean', mean],
    ['--std', std],
  ] as const)
    if (values && values.length !== 3)
      throw invalid(`${flag} takes three numbers, of red, green and blue; found ${values.length}.`);
  const large = [...(mean ?? []), ...(std ?? [])].find((value) => value > 1);
  if (large !== undefined)
    throw invalid(
      `--mean and --std are of images in [0, 1]; found ${large}. Divide those of images in [0, 255] by 255.`,
    );
  if (std?.some((value) => value <= 0)) throw invalid(`--std takes numbers above 0; found ${std.join(',')}.`);
  return { mean, std };
}

function known(found: readonly string[], all: readonly string[], flag: string): readonly string[] {
  for (const [index, name] of found.entries()) {
    if (!all.includes(name)) throw invalid(`${flag} has no "${name}".${suggestion(name, all)}`);
    if (found.indexOf(name) < index) throw invalid(`${flag} names "${name}" twice.`);
  }
  return found;
}

/** A path from the study's folder, of what is there. */
function existing(path: string, studyPath: string, kind: 'directory' | 'file', flag: string): string {
  const at = resolve(path);
  const isThere = kindAt(at, flag);
  if (isThere !== kind) {
    const expected = kind === 'directory' ? 'a folder' : 'a file';
    const found = isThere === 'directory' ? 'a folder' : isThere === 'file' ? 'a file' : 'something else';
    throw invalid(`${flag} must be ${expected}; ${shownPath(at)} is ${found}.`);
  }
  const fromStudy = relative(dirname(studyPath), at);
  return isAbsolute(fromStudy) ? fromStudy : fromStudy.split(sep).join('/') || '.';
}

function kindAt(path: string, flag: string): 'directory' | 'file' | 'other' {
  try {
    const stats = statSync(path);
    return stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : 'other';
  } catch (cause) {
    if (isMissing(cause)) throw invalid(`${flag}: there is nothing at ${shownPath(path)}.`, cause);
    throw fileError(cause, path, { what: 'what the study is about' });
  }
}

async function asked(ask: Ask | undefined, question: string, missing: string): Promise<string> {
  const answer = (await ask?.(question))?.trim();
  if (!answer) throw invalid(missing);
  return answer;
}

function invalid(text: string, cause?: unknown): StudyError {
  return new StudyError('runner/init-invalid', text, { cause });
}
