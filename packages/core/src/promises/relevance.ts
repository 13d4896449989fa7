import type { NdArray } from '../array.ts';
import type { Relevance } from '../networks/model.ts';
import { type Operation, operationKinds, type RelevanceRules } from '../networks/relevance-rules.ts';
import { promiseShape } from './array.ts';
import {
  type Promised,
  promiseIds,
  promiseList,
  promiseNumbers,
  promiseObject,
  promiseOneOf,
  promiseText,
} from './promise.ts';

/** The numbers of each rule beside its name. */
const numbers = {
  gradient: [],
  identity: [],
  guided: [],
  deconvnet: [],
  epsilon: ['epsilon'],
  flat: ['epsilon'],
  'w-square': ['epsilon'],
  'z-box': ['epsilon'],
  gamma: ['gamma', 'epsilon'],
  'alpha-beta': ['alpha', 'beta', 'epsilon'],
} as const;

/** Checks relevance: an array of the shape of the images, and for each of them where the rest is. */
export function checkRelevance(
  found: unknown,
  by: string,
  { shape }: Pick<NdArray, 'shape'>,
): asserts found is Relevance {
  const about: Promised = { by, what: 'its relevance' };
  promiseObject(found, about);
  promiseShape(found.values, 'n h w c', shape, { ...about, what: '"values" of its relevance' }, 'relevance');
  for (const name of ['start', 'absorbed', 'withheld']) promiseNumbers(found[name], shape[0]!, about, name);
}

/** Checks the operations of a network. */
export function checkOperations(operations: unknown, about: Promised): asserts operations is readonly Operation[] {
  promiseList(operations, about, 'operations');
  for (const operation of operations) {
    promiseObject(operation, { ...about, what: `an operation of ${about.what}` });
    promiseOneOf(operation.kind, operationKinds, about, 'operations.kind');
    promiseOneOf(operation.readsImages, [true, false], about, 'operations.readsImages');
  }
  promiseIds(
    operations.map((operation) => (operation as Partial<Operation>).name), // an object, as just seen
    about,
    'operations.name',
  );
}

/** Checks rules by which logits are handed back. */
export function checkRules(rules: unknown, about: Promised): asserts rules is RelevanceRules {
  promiseObject(rules, about);
  promiseOneOf(rules.start, ['logit', 'one'], about, 'rules.start');
  promiseList(rules.entries, about, 'rules.entries');
  for (const entry of rules.entries) {
    promiseObject(entry, about);
    const { kinds = [], names = [], first = false, rule } = entry;
    promiseList(kinds, about, 'rules.entries.kinds');
    for (const kind of kinds) promiseOneOf(kind, operationKinds, about, 'rules.entries.kinds');
    promiseList(names, about, 'rules.entries.names');
    for (const name of names) promiseText(name, about, 'rules.entries.names');
    promiseOneOf(first, [true, false], about, 'rules.entries.first');
    promiseObject(rule, about);
    promiseOneOf(rule.rule, Object.keys(numbers), about, 'rules.entries.rule');
    for (const name of numbers[rule.rule as keyof typeof numbers]) // as just seen
      promiseNumbers([rule[name]], 1, about, `rules.entries.rule.${name}`);
  }
}
