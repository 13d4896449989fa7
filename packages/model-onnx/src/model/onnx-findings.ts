import { type OptionFinding, type PlanKnowledge, StudyError } from '@espalier/core';
import { classNames } from './class-names.ts';
import { checkFolding, networkFor, readNetwork } from './onnx-network.ts';
import type { OnnxOptions } from './onnx-options.ts';

/** Everything that can be told of options before anything runs: the file, its size, its classes. */
export function onnxFindings(options: OnnxOptions, { folder, images }: PlanKnowledge): readonly OptionFinding[] {
  return [...namesFindings(options, folder, images?.classes), ...fileFindings(options, folder, images)];
}

/** The codes of what is wrong with a file, and the option that each is about. */
const optionOf: Readonly<Record<string, string>> = {
  'model-onnx/classes': 'head',
  'model-onnx/folded': 'folded',
  'nn/no-head': 'head',
};

function fileFindings(options: OnnxOptions, folder: string, images: PlanKnowledge['images']): readonly OptionFinding[] {
  try {
    const found = readNetwork(options, folder, images ?? null);
    checkFolding(found, options);
    if (images) networkFor(found, options, images.classes.length);
    return [];
  } catch (error) {
    if (!StudyError.is(error)) throw error;
    if (error.code === 'model-onnx/size' && !images && options.size === null) return []; // the data will say it
    return [{ path: [optionOf[error.code] ?? 'file'], text: error.message }];
  }
}

function namesFindings(
  options: OnnxOptions,
  folder: string,
  found: readonly string[] | undefined,
): readonly OptionFinding[] {
  try {
    return classFindings(classNames(options, folder), options, found);
  } catch (error) {
    if (!StudyError.is(error)) throw error;
    return [{ path: ['classes'], text: error.message }];
  }
}

function classFindings(
  classes: readonly string[] | null,
  { classes: asked, head }: OnnxOptions,
  found: readonly string[] | undefined,
): readonly OptionFinding[] {
  if (!classes) return [];
  if (head === 'new')
    return [
      { path: ['classes'], text: 'A new head has the classes of the data. Leave "classes" out, or keep the head.' },
    ];
  const place = found ? classes.findIndex((name, i) => name !== found[i]) : -1;
  if (!found || (place < 0 && classes.length === found.length)) return [];
  const at = place < 0 ? classes.length : place;
  const name = (names: readonly string[]) => (at < names.length ? `"${names[at]}"` : 'none');
  const text = `The network's class ${at} is ${name(classes)}, that of the data ${name(found)}: each must have the same classes in the same order. Order the data's classes as the network's, or set "head" to "new".`;
  return [{ path: Array.isArray(asked) && at < classes.length ? ['classes', at] : ['classes'], text }];
}
