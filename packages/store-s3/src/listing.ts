/** One page of an answer to ListObjectsV2. */
export interface Page {
  readonly names: readonly string[];
  /** What asks for the next page; undefined at the end. */
  readonly next: string | undefined;
}

/** The names in an answer to ListObjectsV2: flat XML, of which two elements matter. */
export function namesIn(xml: string): Page {
  const texts = (element: string): string[] =>
    [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, text]) => plain(text!));
  const [next] = texts('NextContinuationToken');
  return { names: texts('Key'), next: xml.includes('<IsTruncated>true</IsTruncated>') ? next : undefined };
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function plain(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
  });
}
