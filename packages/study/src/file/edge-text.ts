/** A node and one of its ports, or an include and one of its outputs. */
export interface EdgeText {
  readonly node: string;
  readonly port: string;
}

/** Splits `data.train` at its first dot. */
export function parseEdge(text: string): EdgeText | undefined {
  const dot = text.indexOf('.');
  return dot > 0 && dot < text.length - 1 ? { node: text.slice(0, dot), port: text.slice(dot + 1) } : undefined;
}
