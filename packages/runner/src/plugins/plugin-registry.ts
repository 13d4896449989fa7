import type { Plugin } from '@espalier/core';
import type { PluginRegistry } from '../services/tokens.ts';

/** A registry of its own, for processes that no host program rebinds anything in. */
export function pluginRegistry(): PluginRegistry {
  const known = new Map<string, Plugin>();
  const keyOf = (kind: string, packageName: string, plugin: string): string => `${kind} ${packageName}/${plugin}`;
  return {
    add({ name, plugins }) {
      for (const plugin of plugins.values()) {
        const key = keyOf(plugin.kind, name, plugin.name);
        if (!known.has(key)) known.set(key, plugin);
      }
    },
    get: (kind, packageName, plugin) => known.get(keyOf(kind, packageName, plugin)),
  };
}
