import { type NdArray, type Services, StudyError, type Weights } from '@espalier/core';
import { shownPath } from '@espalier/files';
import { parametersOf } from '../graph/parameters.ts';
import { checkWeights } from '../inputs/checks.ts';
import { type Architecture, type MadeFor, usual } from './architecture.ts';
import { headOf, headParameters } from './head.ts';
import { misfitOf } from './misfits.ts';
import { finderOf, type NamedState, readNamedState, weightsHere } from './named-state.ts';
import type { StartOptions } from './start-options.ts';
import { tensorsIn } from './weights-file.ts';

/** A file of weights, and what they are for. */
export interface WeightsFile<Options extends StartOptions> {
  /** As the option `weights` has it. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly architecture: Architecture<Options>;
  readonly options: Options;
  readonly log: Services['log'];
}

/**
 * The weights in a file, by the names of torchvision, in the network's order; those of the head are left out where it shall be new.
 *
 * @param made what the network is for; absent where it is not known yet: then what the weights are for
 * @throws StudyError `files/invalid` for another kind of file; `core/weights-mismatch`, `core/values-not-finite` or `core/not-supported`
 */
export function weightsIn<Options extends StartOptions>(file: WeightsFile<Options>, made?: MadeFor): Weights {
  const { architecture, options, log } = file;
  const name = shownPath(file.path);
  const state = tensorsIn(file.bytes, name);
  const told = toldBy(architecture, options, finderOf(state.tensors, architecture.otherNames ?? []));
  const network = architecture.network(options, { ...usual, ...made, ...told });
  const named = readNamedState(state, parametersOf(network), architecture.otherNames ?? [], { name, log });
  const isNew = new Set(options.head === 'new' ? headParameters(network) : []);
  const kept = withoutHead(named, isNew);
  if (kept.weights.size < named.weights.size)
    log(`${name}: the weights of "${headOf(network).name}" are left out, as "head": "new" asks`);
  check(kept, architecture.name, name);
  const misfit = made && misfitOf(told, made, options);
  if (misfit !== undefined) throw new StudyError('core/weights-mismatch', `${name}: ${misfit.text}`);
  const weights = weightsHere(kept);
  const order = parametersOf(network).filter((parameter) => weights.has(parameter.name));
  return new Map(order.map((parameter): [string, NdArray] => [parameter.name, weights.get(parameter.name)!]));
}

/** What the shapes of weights tell of the network that they are for. */
export function toldBy<Options extends StartOptions>(
  architecture: Architecture<Options>,
  options: Options,
  find: (name: string) => { readonly shape: readonly number[] } | undefined,
): Partial<MadeFor> {
  const { weight } = headOf(architecture.network(options, usual)).layer;
  const classes = find(weight)?.shape[0];
  const size = architecture.sizeOf?.((parameter) => find(parameter)?.shape, options);
  return { ...(classes !== undefined && classes > 0 && { classes }), ...size };
}

function withoutHead({ weights, parameters, nameHere }: NamedState, isNew: ReadonlySet<string>): NamedState {
  return {
    weights: new Map([...weights].filter(([name]) => !isNew.has(nameHere(name)))),
    parameters: parameters.filter(({ name }) => !isNew.has(nameHere(name))),
    nameHere,
  };
}

function check({ parameters, weights }: NamedState, architecture: string, name: string): void {
  try {
    checkWeights(parameters, weights, architecture);
  } catch (cause) {
    if (!StudyError.is(cause)) throw cause;
    throw new StudyError(cause.code, `${name}: ${cause.message}`, { cause });
  }
}
