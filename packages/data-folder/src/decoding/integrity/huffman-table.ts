/** How a Huffman table of a JPEG is read: symbols by the code's length and value. */
export interface HuffmanTable {
  /** For each value of the next 16 bits: the code's length in the upper byte, its symbol in the lower; 0 for no code. */
  readonly lookup: Uint16Array;
}

/**
 * The table of a DHT segment: `counts` of codes of 1 to 16 bits, and their symbols.
 *
 * @returns undefined where more codes are claimed than fit their lengths
 * Source: ITU-T T.81, annex C.
 */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable | undefined {
  const lookup = new Uint16Array(2 ** 16);
  let [code, next] = [0, 0];
  for (let length = 1; length <= 16; length++) {
    const span = 2 ** (16 - length);
    for (let i = 0; i < counts[length - 1]!; i++) {
      if (code + span > 2 ** 16) return undefined;
      lookup.fill((length << 8) | symbols[next++]!, code, code + span);
      code += span;
    }
  }
  return { lookup };
}
