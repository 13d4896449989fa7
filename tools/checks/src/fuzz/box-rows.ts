import { type RandomStream, randomStream } from '@espalier/core';
import { oneOf, shuffled } from './random-choice.ts';

/** A box as it should be read. */
export interface TrueBox {
  readonly id: string;
  readonly xmin: number;
  readonly ymin: number;
  readonly xmax: number;
  readonly ymax: number;
}

/** A boxes file, what it says, and what is wrong with it: one thing, or nothing. */
export interface BoxText {
  readonly text: string;
  readonly boxes: readonly TrueBox[];
  readonly damage?: string | undefined;
}

const fields = ['xmin', 'ymin', 'xmax', 'ymax'] as const;
type Field = (typeof fields)[number];
type Cells = Record<'id' | Field, string>;

/** CSV of one to four boxes within `size`, about half of them with one thing wrong. */
export function csvBoxes(ids: readonly string[], size: number, label: string): BoxText {
  const random = randomStream(0, 'csv boxes', label);
  const boxes = boxesWithin(ids, size, random);
  const rows = boxes.map((box): Cells => cellsOf(box, random));
  const columns = [...shuffled(random, ['id', ...fields] as const)];
  if (random.uniform() < 0.5) return { text: csvOf(columns, rows, random), boxes };
  const damage = oneOf(random, csvDamages);
  const damaged = damage.make({ columns, rows, random, size });
  return { text: csvOf(damaged.columns, damaged.rows, random), boxes, damage: damage.name };
}

/** JSON of one to four boxes within `size`, about half of them with one thing wrong. */
export function jsonBoxes(ids: readonly string[], size: number, label: string): BoxText {
  const random = randomStream(0, 'json boxes', label);
  const boxes = boxesWithin(ids, size, random);
  const isDamaged = random.uniform() < 0.5;
  const at = random.integer(boxes.length);
  const field = oneOf(random, fields);
  const [value, name] = oneOf(random, jsonDamages);
  const rows = boxes.map((box, i) => (isDamaged && i === at ? value({ ...box }, field) : box));
  const text = `${random.integer(4) === 0 ? '\ufeff' : ''}${JSON.stringify(rows, undefined, random.integer(3))}`;
  return { text, boxes, ...(isDamaged && { damage: name }) };
}

function boxesWithin(ids: readonly string[], size: number, random: RandomStream): readonly TrueBox[] {
  // Eighths have a short decimal text, which states them exactly; the first differs, so that no two boxes are the same.
  return Array.from({ length: 1 + random.integer(4) }, (_, i) => {
    const [xmin, ymin] = [i / 8, random.integer(8 * size - 1) / 8];
    const xmax = xmin + (1 + random.integer(8 * (size - xmin))) / 8;
    const ymax = ymin + (1 + random.integer(8 * (size - ymin))) / 8;
    return { id: oneOf(random, ids), xmin, ymin, xmax, ymax };
  });
}

function cellsOf({ id, ...numbers }: TrueBox, random: RandomStream): Cells {
  const spelt = fields.map((field): [Field, string] => [field, spellingOf(numbers[field], random)]);
  return { id: random.integer(2) === 0 ? id : `"${id}"`, ...(Object.fromEntries(spelt) as Record<Field, string>) };
}

/** A number in one of the ways in which people and programs write it. */
function spellingOf(value: number, random: RandomStream): string {
  const exponent = value.toExponential();
  return oneOf(random, [
    `${value}`,
    `+${value}`,
    value.toFixed(4),
    `"${value}"`,
    `  ${value} `,
    exponent,
    exponent.toUpperCase(),
  ]);
}

function csvOf(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, string>>[],
  random: RandomStream,
): string {
  const newline = oneOf(random, ['\n', '\r\n', '\r']);
  const lines = [columns.join(), ...rows.map((row) => columns.flatMap((column) => row[column] ?? []).join())];
  const blank = random.integer(4) === 0 ? [''] : [];
  return `${random.integer(4) === 0 ? '\ufeff' : ''}${[...lines, ...blank].join(newline)}${random.integer(2) === 0 ? newline : ''}`;
}

interface Csv {
  readonly columns: readonly string[];
  readonly rows: readonly Cells[];
  readonly random: RandomStream;
  readonly size: number;
}

interface CsvDamage {
  readonly name: string;
  make(csv: Csv): Pick<Csv, 'columns'> & { readonly rows: readonly Readonly<Record<string, string>>[] };
}

// What `Number`, a spreadsheet or a person may take for a number.
const noNumbers: readonly string[] = [
  ...[
    '',
    ' ',
    '""',
    '0x2',
    '0b1',
    '1_0',
    '"1,5"',
    '1 2',
    'NaN',
    'nan',
    'Infinity',
    '-Infinity',
    '1e999',
    'null',
    'true',
  ],
  ...['\uff11', '\u0661', '--1', '1e', '.', '1.2.3', '#N/A', '=1', '1px'],
];

const csvDamages: readonly CsvDamage[] = [
  ...noNumbers.map((text) => inField(`a field is ${JSON.stringify(text)}`, () => text)),
  inField('a box lies beyond its image', (field, size) => (field.endsWith('max') ? `${size + 0.125}` : '-0.125')),
  inField('a box is empty or turned round', (field, size) => (field.endsWith('max') ? '0' : `${size}`)),
  inRow('an id is of no image', (row) => ({ ...row, id: 'val/n01440764/no.png' })),
  inRow('an id is empty', (row) => ({ ...row, id: '' })),
  inRow('a row has a field less', ({ id, ...row }) => row),
  inRow('a row has a field more', (row) => ({ ...row, ymax: `${row.ymax},1` })),
  inRow('a quote is not closed', (row) => ({ ...row, id: `"${row.id.replaceAll('"', '')}` })),
  {
    name: 'a box is there twice',
    make: ({ columns, rows }) => ({ columns, rows: [...rows, rows[0]!] }),
  },
  {
    name: 'a column is missing',
    make: ({ columns, rows, random }) => ({ columns: columns.toSpliced(random.integer(columns.length), 1), rows }),
  },
  {
    name: 'a column has another name',
    make: ({ columns, rows, random }) => ({
      columns: columns.with(random.integer(columns.length), 'left'),
      rows: rows.map((row) => ({ ...row, left: '1' })),
    }),
  },
];

function inField(name: string, text: (field: Field, size: number) => string): CsvDamage {
  return {
    name,
    make: ({ columns, rows, random, size }) => {
      const [at, field] = [random.integer(rows.length), oneOf(random, fields)];
      return { columns, rows: rows.map((row, i) => (i === at ? { ...row, [field]: text(field, size) } : row)) };
    },
  };
}

function inRow(name: string, change: (row: Cells) => Readonly<Record<string, string>>): CsvDamage {
  return {
    name,
    make: ({ columns, rows, random }) => {
      const at = random.integer(rows.length);
      return { columns, rows: rows.map((row, i) => (i === at ? change(row) : row)) };
    },
  };
}

type JsonDamage = readonly [change: (box: TrueBox, field: Field) => unknown, name: string];

const jsonDamages: readonly JsonDamage[] = [
  [(box, field) => ({ ...box, [field]: String(box[field]) }), 'a number is a text'],
  [(box, field) => ({ ...box, [field]: null }), 'a number is null'],
  [(box, field) => ({ ...box, [field]: true }), 'a number is true'],
  [(box, field) => ({ ...box, [field]: [box[field]] }), 'a number is a list'],
  [(box, field) => ({ ...box, [field]: undefined }), 'a number is missing'],
  [(box, field) => ({ ...box, [field]: field.endsWith('max') ? 1e9 : -1 }), 'a box lies beyond its image'],
  [(box) => ({ ...box, xmax: box.xmin }), 'a box is empty'],
  [(box) => ({ ...box, class: 'tench' }), 'a box has a field more'],
  [(box) => ({ ...box, id: 7 }), 'an id is a number'],
  [(box) => ({ ...box, id: 'train/no.png' }), 'an id is of no image'],
  [(box) => Object.values(box), 'a box is a list'],
  [() => null, 'a box is null'],
];
