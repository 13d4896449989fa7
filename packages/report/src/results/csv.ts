import type { Cell, TableColumn } from './table.ts';

const rowsPerChunk = 10_000;

/** The table as CSV (RFC 4180 quoting, UTF-8, line feeds), with a header; null is an empty field. */
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
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
