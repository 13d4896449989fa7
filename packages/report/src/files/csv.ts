import type { Cell, TableColumn } from '@espalier/analysis';

const rowsPerChunk = 10_000;

/** The table as CSV (RFC 4180 quoting, UTF-8, line feeds), with a header; null is an empty field. A
 * text that a spreadsheet would take for a formula begins with a single quote. */
export function writeCsv(columns: readonly TableColumn[]): Uint8Array {
  const encoder = new TextEncoder();
  const chunks = [encoder.encode(`${columns.map(({ name }) => field(name)).join(',')}\n`)];
  const rowCount = columns[0]?.values.length ?? 0;
  for (let start = 0; start < rowCount; start += rowsPerChunk) {
    let lines = '';
    for (let row = start; row < Math.min(rowCount, start + rowsPerChunk); row++) {
      lines += `${columns.map(({ values }) => field(values[row]!)).join(',')}\n`;
    }
    chunks.push(encoder.encode(lines));
  }
  return Buffer.concat(chunks);
}

function field(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  if (formula.test(cell) && !number.test(cell)) return quoted(`'${cell}`);
  return /[",\r\n]/.test(cell) ? quoted(cell) : cell;
}

// What spreadsheets compute, as OWASP lists it, also after spaces and in the full width of Asian scripts: a label may come from
// anybody. https://owasp.org/www-community/attacks/CSV_Injection
const formula = /^[\s\0]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
