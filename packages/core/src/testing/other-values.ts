import type * as z from 'zod';

type Definition = Readonly<Record<string, unknown>> & { readonly type: string };

// Few are enough to see that an option changes something, and each costs a computation.
const most = 4;

/** Some other values that `schema` takes in place of `value`; none where no value can be made up, as of free text. */
export function otherValues(schema: z.ZodType, value: unknown): readonly unknown[] {
  const [own, seen] = [JSON.stringify(value), new Set<string | undefined>()];
  return candidates(schema, value)
    .filter((candidate) => schema.safeParse(candidate).success)
    .filter((candidate) => {
      const text = JSON.stringify(candidate);
      const isNew = text !== own && !seen.has(text);
      seen.add(text);
      return isNew;
    })
    .slice(0, most);
}

function definitionOf(schema: z.ZodType): Definition {
  return schema._zod.def as unknown as Definition; // what zod keeps of every schema
}

function candidates(schema: z.ZodType, value: unknown): readonly unknown[] {
  const definition = definitionOf(schema);
  const inner = (definition.innerType ?? definition.in) as z.ZodType | undefined; // of schemas around another
  switch (definition.type) {
    case 'nullable':
      return [null, ...candidates(inner!, value ?? undefined)];
    case 'enum':
      return Object.values(definition.entries as object);
    case 'literal':
      return definition.values as readonly unknown[];
    case 'boolean':
      return [true, false];
    case 'number':
      return numbers(schema, value);
    case 'array':
      return arrays(definition.element as z.ZodType, value);
    case 'object':
      return objects(definition.shape as Readonly<Record<string, z.ZodType>>, value);
    case 'union':
      return (definition.options as readonly z.ZodType[]).flatMap((option) => [...candidates(option, value)]);
    default:
      return inner ? candidates(inner, value) : [];
  }
}

function numbers(schema: z.ZodType, value: unknown): readonly number[] {
  const { minimum, maximum } = schema._zod.bag as { readonly minimum?: number; readonly maximum?: number };
  const ends = [minimum, maximum].filter((end) => Number.isFinite(end) && Math.abs(end!) < 1000) as number[];
  const from = typeof value === 'number' ? value : 1;
  return [from + 1, from / 2, 2 * from, from - 1, ...ends, 0.5, 1];
}

function arrays(element: z.ZodType, value: unknown): readonly unknown[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const others = candidates(element, items.at(-1));
  return [
    items.slice(0, -1),
    items.toReversed(),
    ...others.flatMap((other) => [[...items.slice(0, -1), other], [other]]),
  ];
}

/** The object with one field changed; where it has other fields, one made up. */
function objects(shape: Readonly<Record<string, z.ZodType>>, value: unknown): readonly unknown[] {
  const names = Object.keys(shape);
  const own: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
  const isOwn = Object.keys(own).every((name) => names.includes(name));
  const made = Object.fromEntries(
    names.flatMap((name): [string, unknown][] => {
      if (shape[name]!.safeParse(undefined).success) return [];
      const [first] = candidates(shape[name]!, undefined);
      return [[name, first]];
    }),
  );
  const base = isOwn ? { ...made, ...own } : made;
  const changed = names.flatMap((name) =>
    otherValues(shape[name]!, base[name]).map((other) => ({ ...base, [name]: other })),
  );
  return [made, ...changed];
}
