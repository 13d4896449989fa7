import { StudyError } from '../errors.ts';

/** What the layers of networks do, as rules of relevance tell them apart. */
export const operationKinds = [
  'convolution',
  'dense',
  /** Factor and offset of each channel that no convolution before them takes up; where one does, both are one convolution. */
  'batch-norm',
  'layer-norm',
  'relu',
  /** min(max(x, 0), most), such as ReLU6. */
  'clipped-relu',
  'clip',
  'sigmoid',
  'hard-sigmoid',
  'hard-swish',
  'silu',
  'gelu',
  'tanh',
  'softmax',
  'max-pool',
  'average-pool',
  'mean',
  /** Of two values, such as the two branches of a residual block. */
  'sum',
  /** Of two values, place by place, such as of channels and their gates. */
  'product',
  /** Of two values, such as of queries and keys. */
  'matrix-product',
  /** Every value times a number. */
  'scale',
  /** Parts of values, joined or in another order. */
  'move',
] as const;

/** One thing that layers of networks do. */
export type OperationKind = (typeof operationKinds)[number];

/** One step of a network that computes something of the images. */
export interface Operation {
  /** As the layer that it gives is called. */
  readonly name: string;
  readonly kind: OperationKind;
  /** Whether it reads the images themselves. */
  readonly readsImages: boolean;
}

/**
 * How what arrives at an operation is handed on to its inputs. x are its inputs, z what it gives, R what arrives, and R / z the quotient
 * R / (z + epsilon sign(z)), 0 where that divides by 0. Of operations with weights w and biases b, z = w x + b; a+ and a- are positive and
 * negative parts.
 *
 * - `gradient`: the slope, dz/dx R. Of moves it is the share of each place, of a maximum all for the largest.
 * - `identity`: R, of one input of the same shape.
 * - `epsilon`: x dz/dx (R / z), each input's share in z. Biases take their share, too; of products all inputs together have one. With an
 *   epsilon of 0 it is LRP-0.
 * - `gamma`: as `epsilon`, with weights and biases whose parts that agree with the sign of z are (1 + gamma) times as large.
 * - `alpha-beta`: alpha times the shares in what is positive in z, less beta times those in what is negative; 1 and 0 is z-plus.
 * - `flat`: the same for every input. `w-square`: by w^2, with b^2 for the bias. Both whatever x is.
 * - `z-box`: by w x - w+ l - w- h, with the least and the largest value l and h that an image can have. Only where images are read.
 * - `guided`: of relus, R+ where z has a slope. `deconvnet`: of relus, R+ whatever z is.
 */
export type RelevanceRule =
  | { readonly rule: 'gradient' | 'identity' | 'guided' | 'deconvnet' }
  | { readonly rule: 'epsilon' | 'flat' | 'w-square' | 'z-box'; readonly epsilon: number }
  | { readonly rule: 'gamma'; readonly gamma: number; readonly epsilon: number }
  | { readonly rule: 'alpha-beta'; readonly alpha: number; readonly beta: number; readonly epsilon: number };

/** Which operations have a rule: those that fit all that is said. */
export interface RuleEntry {
  /** Any kind if absent. */
  readonly kinds?: readonly OperationKind[];
  /** Names, or prefixes that end in ".*"; any if absent. */
  readonly names?: readonly string[];
  /** Only those that read the images. */
  readonly first?: boolean;
  readonly rule: RelevanceRule;
}

/** How a logit is handed back through a network. Rules are linear in what arrives. */
export interface RelevanceRules {
  /** What sets out at the logit: its value, or 1. */
  readonly start: 'logit' | 'one';
  /** The first entry that an operation fits decides. */
  readonly entries: readonly RuleEntry[];
}

const weighted: ReadonlySet<OperationKind> = new Set(['convolution', 'dense']);
const relus: ReadonlySet<OperationKind> = new Set(['relu', 'clipped-relu']);
const single: ReadonlySet<OperationKind> = new Set([
  ...relus,
  ...(['batch-norm', 'layer-norm', 'clip', 'sigmoid', 'hard-sigmoid', 'hard-swish', 'silu', 'gelu', 'tanh'] as const),
  ...(['softmax', 'scale'] as const),
]);

/** What each rule can be asked of; any operation where nothing is said. */
const fits: Partial<Record<RelevanceRule['rule'], (operation: Operation) => boolean>> = {
  identity: ({ kind }) => single.has(kind),
  guided: ({ kind }) => relus.has(kind),
  deconvnet: ({ kind }) => relus.has(kind),
  gamma: ({ kind }) => weighted.has(kind),
  'alpha-beta': ({ kind }) => weighted.has(kind),
  flat: ({ kind }) => weighted.has(kind),
  'w-square': ({ kind }) => weighted.has(kind),
  'z-box': ({ kind, readsImages }) => weighted.has(kind) && readsImages,
};

/**
 * The rule of every operation, by its name.
 *
 * @throws StudyError `core/rule-missing`, naming operations that no entry fits, or whose rule does not fit them
 */
export function rulesFor(
  operations: readonly Operation[],
  { entries }: RelevanceRules,
): ReadonlyMap<string, RelevanceRule> {
  const rules = new Map<string, RelevanceRule>();
  const lacking: Operation[] = [];
  const misfits: string[] = [];
  for (const operation of operations) {
    const rule = entries.find((entry) => isMeant(entry, operation))?.rule;
    if (!rule) lacking.push(operation);
    else if (fits[rule.rule]?.(operation) === false) misfits.push(`"${rule.rule}" at ${written(operation)}`);
    else rules.set(operation.name, rule);
  }
  const problems = [
    ...(lacking.length > 0 ? [`a rule is missing for ${listed(lacking.map(written))}`] : []),
    ...(misfits.length > 0 ? [`no such rule is defined: ${listed(misfits)}`] : []),
  ];
  if (problems.length === 0) return rules;
  throw new StudyError(
    'core/rule-missing',
    `Expected a rule for every layer that the logit is handed back through; ${problems.join(', and ')}. ` +
      'Use a model without such layers, or a method that is defined for them.',
  );
}

function isMeant({ kinds, names, first = false }: RuleEntry, { name, kind, readsImages }: Operation): boolean {
  if (first && !readsImages) return false;
  if (kinds && !kinds.includes(kind)) return false;
  return !names || names.some((each) => (each.endsWith('.*') ? name.startsWith(each.slice(0, -1)) : name === each));
}

function written({ name, kind }: Operation): string {
  return `"${name}" (${kind})`;
}

/** Networks have hundreds of layers, most of them alike. */
function listed(texts: readonly string[]): string {
  const more = texts.length > 3 ? ` and ${texts.length - 3} more` : '';
  return `${texts.slice(0, 3).join(', ')}${more}`;
}
