/** A plugin as far as its README tells of it. */
export interface Described {
  readonly name: string;
  /** The table, or undefined where it has no options. */
  readonly table: string | undefined;
}

const place = /<!-- options of ([a-z0-9 -]+) -->\n[\s\S]*?<!-- end of options -->/g;

/**
 * A README with the tables of its plugins, each between `<!-- options of <name> -->` and `<!-- end of options -->`. Plugins
 * with the same options may share a place: `<!-- options of <name> <name> -->`.
 *
 * @throws Error naming a plugin with options that has no place, or a place whose plugins have no options or not the same ones
 */
export function withTables(readme: string, plugins: readonly Described[]): string {
  const tables = new Map(plugins.flatMap(({ name, table }) => (table === undefined ? [] : [[name, table] as const])));
  const placed = new Set<string>();
  const written = readme.replace(place, (_, names: string) => {
    const all = names.split(' ');
    const found = [...new Set(all.map((name) => tables.get(name)))];
    if (found.length !== 1 || found[0] === undefined)
      throw new Error(`"<!-- options of ${names} -->": expected plugins of this package with the same options.`);
    for (const name of all) placed.add(name);
    return `<!-- options of ${names} -->\n\n${found[0]}\n\n<!-- end of options -->`;
  });
  const missing = [...tables.keys()].find((name) => !placed.has(name));
  if (missing !== undefined)
    throw new Error(`Expected "<!-- options of ${missing} -->" and "<!-- end of options -->" on lines of their own.`);
  return written;
}
