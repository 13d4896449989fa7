/**
 * The pairing of rows with columns that has the largest sum of values: each row and each column in at most one pair,
 * and as many pairs as the shorter side is long. Exact, in O(rows^2 x columns).
 *
 * Source: Kuhn (1955), "The Hungarian method for the assignment problem", in the form of shortest augmenting paths with
 * potentials (Jonker & Volgenant 1987). Among equally good pairings, the one found first for the lowest rows.
 *
 * @param values row-major, `rows` x `columns`, finite
 * @returns for each row its column, or -1 where there are more rows than columns and it has none
 */
export function bestAssignment(values: ArrayLike<number>, rows: number, columns: number): Int32Array {
  if (rows <= columns) return assignRows((row, column) => -values[row * columns + column]!, rows, columns);
  const byColumn = assignRows((column, row) => -values[row * columns + column]!, columns, rows);
  const found = new Int32Array(rows).fill(-1);
  byColumn.forEach((row, column) => {
    found[row] = column;
  });
  return found;
}

/**
 * Least total cost with every row in a pair; `rows` is at most `columns`.
 *
 * | name | meaning |
 * |---|---|
 * | rowPrice, columnPrice | potentials: cost - rowPrice - columnPrice >= 0, and 0 for every pair made |
 * | rowOf | the row of each column, or -1; the last entry is a column that stands for "no column yet" |
 * | slack | least reduced cost from the rows on the path to each column |
 * | cameFrom | the column before each column on the path that gives its slack |
 */
function assignRows(cost: (row: number, column: number) => number, rows: number, columns: number): Int32Array {
  const rowPrice = new Float64Array(rows);
  const columnPrice = new Float64Array(columns + 1);
  const rowOf = new Int32Array(columns + 1).fill(-1);
  for (let row = 0; row < rows; row++) {
    const slack = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
    const cameFrom = new Int32Array(columns).fill(-1);
    const onPath = new Uint8Array(columns + 1);
    let column = columns;
    rowOf[column] = row;
    while (rowOf[column] !== -1) {
      onPath[column] = 1;
      const next = extendPath(rowOf[column]!, column);
      const step = slack[next]!;
      for (let j = 0; j <= columns; j++) {
        if (onPath[j]) {
          rowPrice[rowOf[j]!]! += step;
          columnPrice[j]! -= step;
        } else if (j < columns) slack[j]! -= step;
      }
      column = next;
    }
    while (column !== columns) {
      const before = cameFrom[column]!;
      rowOf[column] = rowOf[before]!;
      column = before;
    }

    /** Lowers slacks by the reduced costs of `row`, and returns the free column of least slack. */
    function extendPath(row: number, at: number): number {
      let least = -1;
      for (let j = 0; j < columns; j++) {
        if (onPath[j]) continue;
        const reduced = cost(row, j) - rowPrice[row]! - columnPrice[j]!;
        if (reduced < slack[j]!) {
          slack[j] = reduced;
          cameFrom[j] = at;
        }
        if (least < 0 || slack[j]! < slack[least]!) least = j;
      }
      return least;
    }
  }
  const found = new Int32Array(rows).fill(-1);
  for (let column = 0; column < columns; column++) if (rowOf[column]! >= 0) found[rowOf[column]!] = column;
  return found;
}
