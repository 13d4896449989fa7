import type { TableColumn } from '@espalier/analysis';
import { parquetWriteBuffer } from 'hyparquet-writer';

/** The table as Parquet: text as UTF-8 strings, numbers as float64, both nullable. `about` goes into its metadata. */
export function writeParquet(columns: readonly TableColumn[], about: Readonly<Record<string, string>>): Uint8Array {
  const buffer = parquetWriteBuffer({
    columnData: columns.map(({ name, type, values }) => ({
      name,
      data: [...values],
      type: type === 'text' ? ('STRING' as const) : ('DOUBLE' as const),
      nullable: true,
    })),
    kvMetadata: Object.entries(about).map(([key, value]) => ({ key, value })),
    createdBy: 'espalier',
  });
  return new Uint8Array(buffer);
}
