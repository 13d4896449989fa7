import { distance } from 'fastest-levenshtein';
import { StudyError } from '../errors.ts';
import type { OptionFinding, PlanKnowledge } from '../planning/plan-knowledge.ts';
import type { Model, ParameterInfo } from './model.ts';

/**
 * The kernels of `model`, in its order, without those that `exclude` names.
 *
 * @param exclude parameter names, or prefixes that end in `.*`: `layer1.*` means every name that starts with `layer1.`
 * @throws StudyError `core/options-invalid` when an entry names no kernel, listing close names.
 */
export function prunableKernels(
  { parameters }: Pick<Model, 'parameters'>,
  exclude: readonly string[],
): readonly ParameterInfo[] {
  const kernels = parameters.filter(({ role }) => role === 'kernel');
  const unknown = exclude.filter((entry) => !kernels.some(({ name }) => matches(name, entry)));
  if (unknown.length > 0) throw unknownNames(unknown, parameters);
  const prunable = kernels.filter(({ name }) => !exclude.some((entry) => matches(name, entry)));
  if (prunable.length > 0) return prunable;
  throw new StudyError(
    'core/options-invalid',
    `Pruning needs at least one kernel; \`exclude\` names all ${kernels.length} of the model. Exclude fewer.`,
  );
}

/** What `prunableKernels` would find wrong with `exclude`, where the kernels are known by name before there is a model. */
export function excludeFindings(
  exclude: readonly string[],
  { model }: Pick<PlanKnowledge, 'model'>,
): readonly OptionFinding[] {
  if (!model) return [];
  const { kernels } = model;
  const findings = exclude.flatMap((entry, index) =>
    kernels.some((name) => matches(name, entry))
      ? []
      : [
          {
            path: ['exclude', index],
            text: `Expected a kernel, or a prefix of kernels that ends in ".*"; ${notThere(entry, kernels)}.`,
          },
        ],
  );
  if (findings.length > 0 || kernels.some((name) => !exclude.some((entry) => matches(name, entry)))) return findings;
  const text = `Expected at least one kernel to prune; "exclude" names all ${kernels.length} of the model. Exclude fewer.`;
  return [{ path: ['exclude'], text }];
}

function matches(name: string, entry: string): boolean {
  return entry.endsWith('.*') ? name.startsWith(entry.slice(0, -1)) : name === entry;
}

function unknownNames(unknown: readonly string[], parameters: readonly ParameterInfo[]): StudyError {
  const kernels = parameters.filter(({ role }) => role === 'kernel').map(({ name }) => name);
  const lines = unknown.map((entry) => {
    const role = parameters.find(({ name }) => name === entry)?.role;
    if (role) return `"${entry}" is a ${role}, which is never pruned`;
    return notThere(entry, kernels);
  });
  return new StudyError(
    'core/options-invalid',
    `\`exclude\` expects names of kernels, or prefixes that end in ".*"; ${lines.join('; ')}. ` +
      'Write the names as the model has them.',
  );
}

function notThere(entry: string, kernels: readonly string[]): string {
  const close = [...kernels].sort((a, b) => distance(a, entry) - distance(b, entry)).slice(0, 3);
  return `"${entry}" is not there; close names are ${close.map((name) => `"${name}"`).join(', ')}`;
}
